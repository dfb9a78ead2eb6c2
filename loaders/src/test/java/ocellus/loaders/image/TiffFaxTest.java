package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The cost of rows, and where runs begin and end; pixels of files are in ContainersTest. */
class TiffFaxTest {
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int ENTRY = 12;

  private static final int TILES = 60;
  private static final int TILE_WIDTH = 1 << 20;
  private static final long FEW_BYTES = 1 << 25;

  /** Of Group 4: as the row above, which is white; and a black pixel at the left. */
  private static final byte[] WHITE_ROW = {(byte) 0x80, 0};

  private static final byte[] BLACK_PIXEL = {0x26, (byte) 0xaa};

  /** A picture of one column whose tiles are a row each, a million pixels wide. */
  private static byte[] widePadding() {
    int[][] tags = {
      {256, SHORT, 1, 1},
      {257, SHORT, 1, TILES},
      {258, SHORT, 1, 1},
      {259, SHORT, 1, TiffLayout.GROUP_4},
      {262, SHORT, 1, TiffLayout.WHITE_IS_ZERO},
      {322, LONG, 1, TILE_WIDTH},
      {323, LONG, 1, 1},
      {324, LONG, TILES, 0},
      {325, LONG, TILES, 0}
    };
    int offsets = 8 + 2 + ENTRY * tags.length + 4;
    int lengths = offsets + 4 * TILES;
    int data = lengths + 4 * TILES;
    tags[7][3] = offsets;
    tags[8][3] = lengths;
    var file = ByteBuffer.allocate(data + 2 * TILES).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8);
    file.putShort((short) tags.length);
    for (int[] tag : tags) {
      file.putShort((short) tag[0]).putShort((short) tag[1]).putInt(tag[2]).putInt(tag[3]);
    }
    for (int i = 0; i < TILES; i++) {
      file.putInt(offsets + 4 * i, data + 2 * i).putInt(lengths + 4 * i, 2);
      file.put(data + 2 * i, i % 2 == 0 ? WHITE_ROW : BLACK_PIXEL);
    }
    return file.array();
  }

  @Test
  void rowsTakeMemoryForWhatIsInThem() {
    byte[] file = widePadding();
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    RgbImage image = Images.decode(file, "wide.tif", ImageOptions.DEFAULT);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < FEW_BYTES, allocated + " bytes");
    for (int y = 0; y < TILES; y++) {
      assertEquals(y % 2 == 0 ? -1 : 0, image.data()[3 * y], "row " + y);
    }
  }

  @Test
  void runsBeginAndEndAnywhere() throws MalformedImageException {
    for (int columns = 1; columns < 35; columns++) {
      for (int from = 0; from < columns; from++) {
        for (int to = from + 1; to <= columns; to++) {
          String row = code(FaxCodes.WHITE, from) + code(FaxCodes.BLACK, to - from);
          row += to < columns ? code(FaxCodes.WHITE, columns - to) : "";
          String black = "0".repeat(from) + "1".repeat(to - from);
          byte[] expected = Arrays.copyOf(packed(black), (columns + 7) / 8);
          byte[] out = new byte[expected.length];
          Bytes in = Bytes.bigEndian(packed(row));
          TiffFax.decode(in, TiffFax.Coding.RUNS, columns, out.length, out);
          assertArrayEquals(expected, out, from + " to " + to + " of " + columns);
        }
      }
    }
  }

  /** The bits of a short run. */
  private static String code(FaxCodes codes, int run) {
    for (int bits = 0; bits < 1 << FaxCodes.LONGEST; bits++) {
      int found = codes.find(bits);
      if (found != FaxCodes.NONE && FaxCodes.index(found) == run) {
        String text = Integer.toBinaryString(1 << FaxCodes.LONGEST | bits);
        return text.substring(1, 1 + FaxCodes.length(found));
      }
    }
    throw new IllegalArgumentException("a run of " + run);
  }

  private static byte[] packed(String bits) {
    byte[] bytes = new byte[(bits.length() + 7) / 8];
    for (int i = 0; i < bits.length(); i++) {
      bytes[i / 8] |= (byte) ((bits.charAt(i) - '0') << (7 - i % 8));
    }
    return bytes;
  }
}
