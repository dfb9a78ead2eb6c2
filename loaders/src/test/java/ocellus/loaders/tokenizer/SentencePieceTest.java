package ocellus.loaders.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import ocellus.loaders.CheckpointException;
import org.junit.jupiter.api.Test;

/** A model of a few pieces, written field by field as the format has it. */
class SentencePieceTest {
  // Kinds of pieces, as the format numbers them.
  private static final int NORMAL = 1;
  private static final int UNKNOWN_KIND = 2;
  private static final int CONTROL = 3;

  private static final int UNKNOWN = 0;
  private static final int SPACE_A = 2;
  private static final int AB = 3;
  private static final int B = 4;
  private static final int SPACE = 5;

  private final ByteArrayOutputStream model = new ByteArrayOutputStream();

  private static byte[] field(int number, byte[] value) {
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    field.write(number << 3 | 2);
    field.write(value.length); // below 128
    field.writeBytes(value);
    return field.toByteArray();
  }

  private static byte[] varint(int number, int value) {
    return new byte[] {(byte) (number << 3), (byte) value};
  }

  private void piece(String text, float score, int kind) {
    ByteArrayOutputStream piece = new ByteArrayOutputStream();
    piece.writeBytes(field(1, text.getBytes(UTF_8)));
    piece.write(2 << 3 | 5);
    piece.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(score).array());
    piece.writeBytes(varint(3, kind));
    model.writeBytes(field(1, piece.toByteArray()));
  }

  private void ordinaryPieces() {
    piece("<unk>", 0, UNKNOWN_KIND);
    piece("</s>", 0, CONTROL);
    piece("\u2581a", -1, NORMAL);
    piece("ab", -2, NORMAL);
    piece("b", -3, NORMAL);
    piece("\u2581", -4, NORMAL);
  }

  private int[] ids(String text) {
    return new SentencePiece(SentencePieceModel.parse("test", model.toByteArray())).encode(text);
  }

  private void assertRefused(String expected, byte[] file) {
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () -> new SentencePiece(SentencePieceModel.parse("test", file)));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  @Test
  void theMostProbablePiecesAreTaken() {
    ordinaryPieces();
    assertArrayEquals(new int[] {SPACE_A, B}, ids("ab")); // -4 against -6 of a space and "ab"
    assertArrayEquals(new int[] {SPACE_A, AB}, ids("aab"));
    assertArrayEquals(new int[] {SPACE_A, SPACE, B}, ids("  a   b "));
    assertArrayEquals(new int[0], ids("  "));
  }

  @Test
  void neighboursThatAreUnknownAreOne() {
    ordinaryPieces();
    assertArrayEquals(new int[] {SPACE, UNKNOWN, B, UNKNOWN}, ids("xy\ud83d\ude00bz"));
    assertArrayEquals(new int[] {SPACE, UNKNOWN}, ids("</s>")); // never found in a text
  }

  @Test
  void damagedFilesAreRefused() {
    assertRefused("has no pieces", new byte[0]);
    ordinaryPieces();
    byte[] whole = model.toByteArray();
    assertRefused("damaged", Arrays.copyOf(whole, whole.length - 1));
    assertRefused("damaged", new byte[] {8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
    assertRefused("damaged", "a text, not a model".getBytes(UTF_8));
  }

  @Test
  void otherKindsOfModelsAreRefused() {
    ordinaryPieces();
    model.writeBytes(field(2, varint(3, 2)));
    assertRefused("another model than unigram", model.toByteArray());
  }

  @Test
  void normalisationThatCannotBeReadIsRefused() {
    ordinaryPieces();
    model.writeBytes(field(3, field(2, new byte[] {40, 0, 0, 0, 1})));
    assertRefused("its normalisation cannot be read", model.toByteArray());
  }
}
