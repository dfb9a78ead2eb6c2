package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PNGs of every kind against Pillow: see src/reference/make_png_goldens.py. */
class PngTest {
  static List<Checksums.Line> goldens() {
    return Checksums.read("/png/stored.sha256");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void pixelsArePillows(Checksums.Line line) {
    byte[] file = Checksums.bytes("/png/" + line.name());
    if (line.checksum().equals(Checksums.Line.REFUSED)) {
      refusal(file);
    } else {
      var stored = ImageOptions.DEFAULT.withIgnoreExif(true);
      assertSame(line, Images.decode(file, line.name(), stored));
    }
  }

  static List<Checksums.Line> oriented() {
    return Checksums.read("/png/upright.sha256");
  }

  @ParameterizedTest
  @MethodSource("oriented")
  void uprightAsPillowTurnsThem(Checksums.Line line) {
    byte[] file = Checksums.bytes("/png/" + line.name());
    assertSame(line, Images.decode(file, line.name(), ImageOptions.DEFAULT));
  }

  private static void assertSame(Checksums.Line golden, RgbImage image) {
    assertEquals(golden.checksum(), Checksums.sha256(image.data()));
  }

  @Test
  void everyColorTypeAndDepthIsThere() {
    assertTrue(goldens().stream().filter(line -> line.name().startsWith("color-")).count() == 30);
  }

  @Test
  void aNearlyEmptyFileIsRefusedBeforeMemoryIsTaken() {
    byte[] file = Checksums.bytes("/png/color-2-depth-8.png");
    ByteBuffer.wrap(file).putInt(16, 9_000).putInt(20, 9_000);
    fixChecksum(file, 12);
    assertTrue(refusal(file).contains("compressed data ends too early"));
  }

  @Test
  void aMillionEmptyChunksAreWalkedOnce() {
    byte[] file = Checksums.bytes("/png/color-2-depth-8.png");
    int data = new String(file, StandardCharsets.ISO_8859_1).indexOf("IDAT") - 4;
    byte[] empty = new byte[12];
    System.arraycopy(file, data + 4, empty, 4, 4);
    fixChecksum(empty, 4);
    int count = 1_000_000;
    var out = ByteBuffer.allocate(file.length + count * empty.length);
    out.put(file, 0, data);
    for (int i = 0; i < count; i++) {
      out.put(empty);
    }
    out.put(file, data, file.length - data);
    assertEquals(
        Checksums.sha256(Images.decode(file, "few.png", ImageOptions.DEFAULT).data()),
        Checksums.sha256(Images.decode(out.array(), "many.png", ImageOptions.DEFAULT).data()));
  }

  @Test
  void aLineBreakInTheNameOfAChunkStaysOutOfTheMessage() {
    byte[] file = Checksums.bytes("/png/ancillary.png");
    file[new String(file, StandardCharsets.ISO_8859_1).indexOf("gAMA")] = '\n';
    assertTrue(refusal(file).contains("chunk  AMA"));
  }

  /** The formula of the standard. */
  private static int paeth(int left, int above, int corner) {
    int estimate = left + above - corner;
    int toLeft = Math.abs(estimate - left);
    int toAbove = Math.abs(estimate - above);
    int toCorner = Math.abs(estimate - corner);
    if (toLeft <= toAbove && toLeft <= toCorner) {
      return left;
    }
    return toAbove <= toCorner ? above : corner;
  }

  @Test
  void paethOfAllNeighbours() throws MalformedImageException {
    // Two pixels a row, of one byte each: the second has all three neighbours.
    for (int left = 0; left < 256; left++) {
      for (int corner = 0; corner < 256; corner++) {
        for (int above = 0; above < 256; above += 1 + (left + corner) % 3) {
          byte[] row = {4, (byte) (left - corner), 0};
          PngFilter.undo(row, new byte[] {0, (byte) corner, (byte) above}, 1);
          assertEquals(left, row[1] & 0xff);
          assertEquals(paeth(left, above, corner), row[2] & 0xff);
        }
      }
    }
  }

  private static String refusal(byte[] file) {
    return Pillow.refusal(file, "a.png");
  }

  private static void fixChecksum(byte[] png, int type) {
    int length = ByteBuffer.wrap(png).getInt(type - 4);
    var crc = new CRC32();
    crc.update(Arrays.copyOfRange(png, type, type + 4 + length));
    ByteBuffer.wrap(png).putInt(type + 4 + length, (int) crc.getValue());
  }
}
