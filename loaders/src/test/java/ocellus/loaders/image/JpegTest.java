package ocellus.loaders.image;

import static ocellus.loaders.image.Pillow.refusal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** JPEG files that src/reference/make_jpeg_goldens.py wrote, against the pixels of Pillow. */
class JpegTest {
  private static final Map<String, byte[]> FILES = Checksums.archive("/images/jpegs.zip");
  private static final Duration AT_ONCE = Duration.ofSeconds(5);

  /** The limit of {@link ImageOptions} allows as much. */
  private static final int LARGE_EDGE = 9_400;

  private static final int MANY_TABLES = 20_000;

  static List<Checksums.Line> files() {
    return Checksums.read("/images/jpegs.sha256");
  }

  @ParameterizedTest
  @MethodSource("files")
  void pixelsOfPillow(Checksums.Line line) {
    Pillow.verify(line, FILES.get(line.name()));
  }

  @ParameterizedTest
  @CsvSource({
    "odd-lossless, lossless JPEG is not supported",
    "odd-hierarchical, hierarchical JPEG is not supported",
    "odd-12-bit, '12 bits a sample are not supported, only 8'",
    "odd-two-components, 'its frame header has length 17 for 2 components'",
    "odd-sampling-3-to-2, component sizes that do not divide the picture's are not supported",
    "odd-no-height, it says that it has 67 x 0 pixels",
    "odd-no-end-marker, it is truncated",
    "odd-unknown-marker, marker fff3 does not belong there",
    "odd-second-scan, it goes on behind a scan that had everything"
  })
  void whatIsRefusedIsNamed(String name, String reason) {
    String message = refusal(FILES.get(name + ".jpg"), name);
    assertTrue(message.contains(reason), message);
  }

  /** A frame of 16 blocks for each byte of a file this small: only what is in it may take time. */
  @Test
  void scansWithoutDataAreNotDecodedForEver() {
    byte[] file = Checksums.bytes("/images/progressive-444-16x16.jpg");
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int frame = text.indexOf("\u00ff\u00c2");
    String edge = "" + (char) (LARGE_EDGE >> 8) + (char) (LARGE_EDGE & 0xff);
    int lastScan = text.lastIndexOf("\u00ff\u00da");
    String scan = text.substring(lastScan, text.length() - 2);
    String large =
        text.substring(0, frame + 5)
            + edge
            + edge
            + text.substring(frame + 9, lastScan)
            + scan.repeat(80)
            + "\u00ff\u00d9";
    byte[] bytes = large.getBytes(StandardCharsets.ISO_8859_1);
    assertTimeoutPreemptively(
        AT_ONCE,
        () -> assertTrue(refusal(bytes, "many.jpg").contains("more scans than data for them")));
  }

  /** Found by fuzzing: a table for decoding takes a thousand times the bytes of its segment. */
  @Test
  void tablesThatNoScanUsesTakeNoMemory() {
    byte[] file = Checksums.bytes("/images/baseline-420-16x16.jpg");
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int frame = text.indexOf("\u00ff\u00c0");
    String table = "\u00ff\u00c4\u0000\u0014\u0003\u0001" + "\u0000".repeat(16);
    String many = text.substring(0, frame) + table.repeat(MANY_TABLES) + text.substring(frame);
    byte[] bytes = many.getBytes(StandardCharsets.ISO_8859_1);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    RgbImage image = Images.decode(bytes, "tables.jpg", ImageOptions.DEFAULT);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 100L * bytes.length, allocated + " bytes");
    assertArrayEquals(Images.decode(file, "one.jpg", ImageOptions.DEFAULT).data(), image.data());
  }

  @Test
  void largePicturesAreRefusedByTheirHeader() {
    byte[] file = Checksums.bytes("/images/baseline-420-16x16.jpg").clone();
    int frame = new String(file, StandardCharsets.ISO_8859_1).indexOf("\u00ff\u00c0");
    file[frame + 5] = (byte) 0xf0;
    file[frame + 7] = (byte) 0xf0;
    assertTrue(refusal(file, "large.jpg").contains("61456 x 61456 pixels exceeds the limit"));
    file[frame + 5] = (byte) 0xff;
    file[frame + 6] = (byte) 0xff;
    assertTrue(refusal(file, "long.jpg").contains("an edge has at most 65500"));
  }
}
