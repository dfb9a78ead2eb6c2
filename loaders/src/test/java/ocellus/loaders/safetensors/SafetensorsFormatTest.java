package ocellus.loaders.safetensors;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static ocellus.loaders.safetensors.Bytes.entry;
import static ocellus.loaders.safetensors.Bytes.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.loaders.safetensors.SafetensorsException.Defect;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the format allows and what it does not, one test each. */
class SafetensorsFormatTest {
  private static SafetensorsFile parse(byte[] file) {
    return SafetensorsFile.of("m.safetensors", file);
  }

  private static String refusal(Defect defect, byte[] file) {
    var e = assertThrows(SafetensorsException.class, () -> parse(file));
    assertEquals(defect, e.defect(), e.getMessage());
    assertTrue(e.getMessage().startsWith("m.safetensors: "), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    return e.getMessage();
  }

  private static String refusal(Defect defect, String header, int dataLength) {
    return refusal(defect, file(header, new byte[dataLength]));
  }

  @Nested
  class Allowed {
    @Test
    void severalTensorsInAnyOrderOfTheHeader() {
      var f =
          parse(
              file(
                  "{%s,%s}"
                      .formatted(entry("b", "F32", "[2]", 4, 12), entry("a", "F32", "[]", 0, 4)),
                  new byte[12]));
      assertEquals(List.of("a", "b"), List.copyOf(f.names()));
      assertEquals(Shape.of(), f.shape("a"));
      assertEquals(Shape.of(2), f.shape("b"));
      assertEquals(8, f.info("b").byteSize());
    }

    @Test
    void noTensors() {
      assertEquals(Set.of(), parse(file("{}")).names());
    }

    @Test
    void tensorsWithoutElements() {
      String entries =
          String.join(
              ",",
              entry("empty", "F32", "[0, 5]", 0, 0),
              entry("full", "U8", "[3]", 0, 3),
              entry("last", "F64", "[4, 0]", 3, 3));
      assertEquals(
          List.of("empty", "full", "last"),
          List.copyOf(parse(file("{" + entries + "}", new byte[3])).names()));
    }

    @Test
    void spaceAroundTheHeader() {
      assertEquals(Set.of(), parse(file("{}      ")).names());
      assertEquals(Set.of(), parse(file(" \n\t{}")).names());
    }

    @Test
    void metadata() {
      assertEquals(
          Map.of("format", "pt", "x", ""),
          parse(file("{\"__metadata__\":{\"format\":\"pt\",\"x\":\"\"}}")).metadata());
      assertEquals(Map.of(), parse(file("{\"__metadata__\":null}")).metadata());
      assertEquals(Map.of(), parse(file("{}")).metadata());
    }

    @Test
    void furtherFieldsOfAnEntry() {
      String entry =
          "\"a\":{\"x\":[{}],\"dtype\":\"U8\",\"y\":null,\"shape\":[1],\"data_offsets\":[0,1]}";
      assertEquals(Set.of("a"), parse(file("{" + entry + "}", new byte[1])).names());
    }

    @Test
    void anyTextAsName() {
      assertEquals(
          Set.of("\u00e9\n\ud83d\ude00", ""),
          parse(
                  file(
                      "{%s,%s}"
                          .formatted(
                              entry("\u00e9\\n\\ud83d\\ude00", "U8", "[1]", 0, 1),
                              entry("", "U8", "[1]", 1, 2)),
                      new byte[2]))
              .names());
    }

    @Test
    void elementsSmallerThanAByte() {
      var f =
          parse(
              file(
                  "{%s,%s}"
                      .formatted(
                          entry("f4", "F4", "[2, 3]", 0, 3), entry("f6", "F6_E2M3", "[4]", 3, 6)),
                  new byte[6]));
      assertEquals(DType.F6_E2M3, f.info("f6").dtype());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "BOOL",
          "U8",
          "I8",
          "F8_E5M2",
          "F8_E4M3",
          "F8_E8M0",
          "F8_E4M3FNUZ",
          "F8_E5M2FNUZ",
          "I16",
          "U16",
          "F16",
          "BF16",
          "I32",
          "U32",
          "F32",
          "C64",
          "F64",
          "I64",
          "U64"
        })
    void everyElementType(String dtype) {
      byte[] data = new byte[3 * DType.valueOf(dtype).bits() / 8];
      var f = parse(file("{" + entry("a", dtype, "[3]", 0, data.length) + "}", data));
      assertEquals(dtype, f.info("a").dtype().name());
    }
  }

  @Nested
  class Refused {
    @Test
    void fileWithoutRoomForTheLength() {
      refusal(Defect.TOO_SMALL, new byte[0]);
      refusal(Defect.TOO_SMALL, new byte[7]);
    }

    @Test
    void headerAboveTheLimitOfTheFormat() {
      refusal(Defect.HEADER_TOO_LARGE, file(100_000_001, new byte[20]));
      refusal(Defect.HEADER_TOO_LARGE, file(-1, new byte[20]));
    }

    @Test
    void otherKindsOfFileAreRecognised() {
      byte[] pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:".getBytes(UTF_8);
      assertTrue(refusal(Defect.HEADER_TOO_LARGE, pointer).contains("git lfs pull"));
      byte[] zip = "PK\3\4 and so on, as torch.save writes it".getBytes(UTF_8);
      assertTrue(refusal(Defect.HEADER_TOO_LARGE, zip).contains("pickle"));
    }

    @Test
    void headerBeyondTheEndOfTheFile() {
      refusal(Defect.HEADER_TRUNCATED, file(3, "{}".getBytes(UTF_8)));
      refusal(Defect.HEADER_TRUNCATED, file(100_000_000, "{}".getBytes(UTF_8)));
    }

    @Test
    void headerThatIsNotUtf8() {
      for (String bytes : List.of("\u00ff", "\u00c0\u0080", "\u00ed\u00a0\u0080")) {
        byte[] json = ("{\"" + bytes + "\":1}").getBytes(ISO_8859_1);
        refusal(Defect.HEADER_NOT_UTF8, file(json.length, json));
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "[]",
          "null",
          "{",
          "{\"a\"}",
          "{\"a\":}",
          "{,}",
          "{}x",
          "{}{}",
          "\ufeff{}",
          "{'a':1}",
          "{\"a\":{\"dtype\":\"U8\",\"shape\":[01],\"data_offsets\":[0,1]}}",
          "{}\0",
          "//\n{}",
          "{\"__metadata__\":{\"a\":NaN}}"
        })
    void headerThatIsNotAJsonObject(String header) {
      refusal(Defect.HEADER_NOT_JSON, header, 0);
    }

    @Test
    void deepNesting() {
      refusal(Defect.HEADER_BEYOND_LIMITS, "{\"a\":{\"x\":" + "[".repeat(1_000_000), 0);
    }

    @Test
    void numbersOfAbsurdLength() {
      refusal(Defect.HEADER_BEYOND_LIMITS, "{\"a\":{\"shape\":[1" + "0".repeat(5000) + "]}}", 0);
    }

    @Test
    void duplicateKeys() {
      String a = entry("a", "U8", "[1]", 0, 1);
      refusal(Defect.DUPLICATE_KEY, "{" + a + "," + entry("a", "U8", "[1]", 1, 2) + "}", 2);
      refusal(Defect.DUPLICATE_KEY, "{\"__metadata__\":{},\"__metadata__\":{}}", 0);
      refusal(Defect.DUPLICATE_KEY, "{\"__metadata__\":{\"x\":\"\",\"x\":\"\"}}", 0);
      refusal(
          Defect.DUPLICATE_KEY,
          "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
          1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"pt\"", "{\"a\":1}", "{\"a\":null}", "{\"a\":{}}"})
    void metadataOtherThanStrings(String metadata) {
      refusal(Defect.BAD_METADATA, "{\"__metadata__\":" + metadata + "}", 0);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "1",
          "null",
          "[\"U8\",[1],[0,1]]",
          "{}",
          "{\"shape\":[1],\"data_offsets\":[0,1]}",
          "{\"dtype\":\"U8\",\"data_offsets\":[0,1]}",
          "{\"dtype\":\"U8\",\"shape\":[1]}",
          "{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}"
        })
    void entryWithoutItsFields(String entry) {
      refusal(Defect.BAD_ENTRY, "{\"a\":" + entry + "}", 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"F23", "f32", "FLOAT", "", "F32 "})
    void unknownElementType(String dtype) {
      refusal(Defect.UNKNOWN_DTYPE, "{" + entry("a", dtype, "[1]", 0, 4) + "}", 4);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "[-1]",
          "[1.0]",
          "[0.5]",
          "[1e0]",
          "[-0]",
          "[null]",
          "[\"1\"]",
          "[[1]]",
          "1",
          "null",
          "[9223372036854775808]",
          "[18446744073709551617]"
        })
    void shapeOtherThanNaturalNumbers(String shape) {
      refusal(Defect.BAD_SHAPE, "{" + entry("a", "U8", shape, 0, 1) + "}", 1);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "[0]",
          "[]",
          "[0,1,1]",
          "[1,0]",
          "[-1,0]",
          "[0,1.0]",
          "[\"0\",1]",
          "null",
          "{\"begin\":0}",
          "[0,18446744073709551617]"
        })
    void offsetsOtherThanBeginAndEnd(String offsets) {
      refusal(
          Defect.BAD_OFFSETS,
          "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":" + offsets + "}}",
          1);
    }

    @Test
    void sizesThatOverflow() {
      refusal(
          Defect.SIZE_OVERFLOW, "{" + entry("a", "U8", "[4294967296,4294967296]", 0, 0) + "}", 0);
      refusal(Defect.SIZE_OVERFLOW, "{" + entry("a", "F64", "[288230376151711744]", 0, 0) + "}", 0);
    }

    @Test
    void elementsThatEndWithinAByte() {
      refusal(Defect.PARTIAL_BYTE, "{" + entry("a", "F4", "[3]", 0, 2) + "}", 2);
      refusal(Defect.PARTIAL_BYTE, "{" + entry("a", "F6_E3M2", "[2]", 0, 2) + "}", 2);
    }

    @Test
    void spanOtherThanShapeAndType() {
      refusal(Defect.SIZE_MISMATCH, "{" + entry("a", "F32", "[2]", 0, 4) + "}", 4);
      refusal(Defect.SIZE_MISMATCH, "{" + entry("a", "F32", "[0]", 0, 4) + "}", 4);
      refusal(Defect.SIZE_MISMATCH, "{" + entry("a", "F32", "[]", 0, 0) + "}", 0);
    }

    @Test
    void tensorsThatOverlap() {
      String first = entry("a", "U8", "[4]", 0, 4);
      refusal(Defect.OVERLAP, "{" + first + "," + entry("b", "U8", "[4]", 3, 7) + "}", 7);
      refusal(Defect.OVERLAP, "{" + first + "," + entry("b", "U8", "[4]", 0, 4) + "}", 4);
      refusal(Defect.OVERLAP, "{" + first + "," + entry("b", "U8", "[0]", 2, 2) + "}", 4);
    }

    @Test
    void bytesThatBelongToNoTensor() {
      refusal(Defect.HOLE, "{" + entry("a", "U8", "[1]", 1, 2) + "}", 2);
      refusal(
          Defect.HOLE,
          "{" + entry("a", "U8", "[1]", 0, 1) + "," + entry("b", "U8", "[1]", 2, 3) + "}",
          3);
    }

    @Test
    void dataBeyondTheEndOfTheFile() {
      assertTrue(
          refusal(Defect.DATA_TRUNCATED, "{" + entry("a", "F32", "[2]", 0, 8) + "}", 7)
              .contains("7 of 8 bytes"));
    }

    @Test
    void bytesAfterTheLastTensor() {
      refusal(Defect.TRAILING_BYTES, "{" + entry("a", "U8", "[1]", 0, 1) + "}", 2);
      refusal(Defect.TRAILING_BYTES, "{}", 1);
    }

    @Test
    void namesInMessagesAreShortAndPrintable() {
      String name = "a\\n%s" + "x".repeat(5000);
      String message =
          refusal(Defect.UNKNOWN_DTYPE, "{" + entry(name, "F%dx", "[1]", 0, 4) + "}", 4);
      assertTrue(message.length() < 300, message);
    }
  }
}
