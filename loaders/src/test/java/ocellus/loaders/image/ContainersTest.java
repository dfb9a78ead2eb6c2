package ocellus.loaders.image;

import static ocellus.loaders.image.Pillow.refusal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TIFF, ICO and PSD against Pillow: see src/reference/make_tiff_goldens.py. */
class ContainersTest {
  private static final Map<String, byte[]> FILES = Checksums.archive("/images/containers.zip");

  /** Pillow reads them, through libtiff and LittleCMS. */
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "lab.tif",
          "mode9-3-packed.psd",
          "mode9-3-raw.psd",
          "pillow-CMYK-jpeg.tif",
          "pillow-RGB-lzma.tif",
          "pillow-RGB-zstd.tif");

  /** Pillow reads what is wrong as something else, and what follows. */
  private static final String DAMAGED_FAX = "fax-.*-(damaged|truncated)\\.tif";

  private static final int TAG_WIDTH = 256;
  private static final int TAG_HEIGHT = 257;
  private static final int TAG_BITS = 258;
  private static final int TAG_COMPRESSION = 259;
  private static final int TAG_ROWS_PER_STRIP = 278;
  private static final int TAG_PLANAR = 284;
  private static final int TAG_PREDICTOR = 317;
  private static final int TAG_TILE_WIDTH = 322;
  private static final int TAG_TILE_HEIGHT = 323;
  private static final int TAG_TILE_OFFSETS = 324;
  private static final int TAG_EXTRA_SAMPLES = 338;

  private static final int SHORT = 3;
  private static final int LONG = 4;

  static List<Checksums.Line> goldens() {
    return Checksums.read("/images/containers.sha256");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void pixelsArePillows(Checksums.Line line) {
    byte[] file = FILES.get(line.name());
    if (UNSUPPORTED.contains(line.name()) || line.name().matches(DAMAGED_FAX)) {
      refusal(file, line.name());
    } else {
      Pillow.verify(line, file);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void orientationIsToldAndMayBeIgnored(int orientation) {
    String name = "orientation-" + orientation + ".tif";
    ImageInfo info = Images.info(FILES.get(name), name);
    assertEquals(orientation, info.orientation().exifValue());
    RgbImage stored =
        Images.decode(FILES.get(name), name, ImageOptions.DEFAULT.withIgnoreExif(true));
    assertEquals(info.width(), stored.width());
    RgbImage upright = Images.decode(FILES.get(name), name, ImageOptions.DEFAULT);
    Region whole = Region.all(new Size(upright.height(), upright.width()));
    assertArrayEquals(info.orientation().apply(stored, whole).data(), upright.data());
  }

  @Test
  void damageOfAFaxIsNamed() {
    for (String kind : List.of("runs", "group3", "mixed", "aligned", "mixed-aligned", "group4")) {
      String torn = "fax-" + kind + "-truncated.tif";
      assertTrue(refusal(FILES.get(torn), torn).contains("it is truncated"), torn);
      String wrong = "fax-" + kind + "-damaged.tif";
      assertTrue(refusal(FILES.get(wrong), wrong).contains("its fax data are damaged"), wrong);
    }
  }

  @Test
  void whatIsNotSupportedIsNamed() {
    String message = refusal(FILES.get("pillow-RGB-zstd.tif"), "zstd.tif");
    assertTrue(message.contains("TIFF with compression 50000, photometric"), message);
    assertTrue(refusal(FILES.get("lab.tif"), "lab.tif").contains("interpretation 8"));
    assertTrue(refusal(FILES.get("rgb16-raw.psd"), "a.psd").contains("16 bits a channel"));
  }

  @Test
  void extraSamplesAreCountedNotListed() {
    byte[] tiff = FILES.get("strips-5-le.tif").clone();
    ByteBuffer file = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
    int directory = file.getInt(4);
    int last = directory + 2 + 12 * (file.getShort(directory) - 1);
    file.putShort(last, (short) TAG_EXTRA_SAMPLES).putInt(last + 4, 600).putInt(last + 8, 8);
    assertTrue(refusal(tiff, "extra.tif").contains("600 extra samples, of kind"));
  }

  @Test
  void noPixelHasSoManySamples() {
    byte[] longer = Arrays.copyOf(FILES.get("strips-5-le.tif"), 200_000);
    byte[] extras = withTag(longer, TAG_PLANAR, TAG_EXTRA_SAMPLES, SHORT, 70_000, 8);
    assertTrue(refusal(extras, "extra.tif").contains("its tag 338 has 70000 values"));
    byte[] bits = withTag(longer, TAG_BITS, TAG_BITS, SHORT, 70_000, 8);
    assertTrue(refusal(bits, "bits.tif").contains("its tag 258 has 70000 values"));
  }

  @Test
  void differencesOfTwelveBitsAreRefused() {
    byte[] tiff = FILES.get("grey12.tif");
    tiff = withTag(tiff, TAG_COMPRESSION, TAG_COMPRESSION, SHORT, 1, TiffLayout.LZW);
    tiff = withTag(tiff, TAG_PLANAR, TAG_PREDICTOR, SHORT, 1, 2);
    assertTrue(refusal(tiff, "twelve.tif").contains("predictor 2 of 12 bits is not supported"));
  }

  /** A hundred tiles that are one pixel wide and a million high, of a picture of 18 rows. */
  @Test
  void tilesTogetherAreAboutAsLargeAsThePicture() {
    byte[] tiff = withTag(FILES.get("tiles-1-le.tif"), TAG_WIDTH, TAG_WIDTH, SHORT, 1, 100);
    tiff = withTag(tiff, TAG_TILE_WIDTH, TAG_TILE_WIDTH, SHORT, 1, 1);
    tiff = withTag(tiff, TAG_TILE_HEIGHT, TAG_TILE_HEIGHT, LONG, 1, 1 << 20);
    tiff = withTag(tiff, TAG_TILE_OFFSETS, TAG_TILE_OFFSETS, LONG, 100, 8);
    assertTrue(refusal(tiff, "tiles.tif").contains("its tiles are too large for the picture"));
  }

  /** Four planes of 26000 x 26000 tiles are more than an int counts. */
  @Test
  void tilesAreCountedInLongs() {
    byte[] tiff = withEdges(FILES.get("planar-tiles-1-le.tif"), 26_000);
    tiff = withTag(tiff, TAG_TILE_WIDTH, TAG_TILE_WIDTH, SHORT, 1, 1);
    byte[] small = withTag(tiff, TAG_TILE_HEIGHT, TAG_TILE_HEIGHT, SHORT, 1, 1);
    var options = new ImageOptions(false, 1L << 30);
    var e = assertThrows(ImageException.class, () -> Images.decode(small, "small.tif", options));
    assertTrue(e.getMessage().contains("strips or tiles, not 2704000000"), e.getMessage());
  }

  @Test
  void rawFilesAreAsLongAsTheirPictures() {
    byte[] large = withEdges(FILES.get("strips-1-le.tif"), 9_400);
    byte[] tiff = withTag(large, TAG_ROWS_PER_STRIP, TAG_ROWS_PER_STRIP, SHORT, 1, 9_400);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertTrue(refusal(tiff, "large.tif").contains("it is truncated"));
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 1 << 20, allocated + " bytes");
  }

  @Test
  void sizeIsCheckedBeforeMemoryIsTaken() {
    byte[] large = withEdges(FILES.get("strips-5-le.tif"), 60_000);
    assertTrue(refusal(large, "large.tif").contains("exceeds the limit of 89478485 pixels"));
    byte[] empty = withEdges(FILES.get("strips-5-le.tif"), 9_400);
    assertTrue(refusal(empty, "empty.tif").contains("strips or tiles"));
    byte[] document = FILES.get("mode3-3-packed.psd").clone();
    ByteBuffer.wrap(document).putInt(14, 9_400).putInt(18, 9_400);
    assertTrue(refusal(document, "empty.psd").contains("truncated"));
  }

  /** A little-endian TIFF that claims to be a square. */
  private static byte[] withEdges(byte[] tiff, int edge) {
    ByteBuffer file = ByteBuffer.wrap(tiff.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int directory = file.getInt(4);
    for (int i = 0; i < file.getShort(directory); i++) {
      int entry = directory + 2 + 12 * i;
      if (file.getShort(entry) == TAG_WIDTH || file.getShort(entry) == TAG_HEIGHT) {
        file.putShort(entry + 8, (short) edge);
      }
    }
    return file.array();
  }

  /** A little-endian TIFF with another entry in place of one: values, or one value itself. */
  private static byte[] withTag(byte[] tiff, int old, int tag, int type, int count, int value) {
    ByteBuffer file = ByteBuffer.wrap(tiff.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int entry = file.getInt(4) + 2;
    while (file.getShort(entry) != old) {
      entry += 12;
    }
    file.putShort(entry, (short) tag).putShort(entry + 2, (short) type);
    file.putInt(entry + 4, count).putInt(entry + 8, value);
    return file.array();
  }

  @Test
  void textThatStartsAsTiff() {
    refusal("II*\0abcd".getBytes(StandardCharsets.ISO_8859_1), "text.tif");
    refusal("MM\0+abcdefgh".getBytes(StandardCharsets.ISO_8859_1), "text.tif");
  }
}
