package ocellus.loaders.image;

import static ocellus.loaders.image.Pillow.refusal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void textCalledPhotoIsNoImage() {
    assertEquals(
        "photo.jpg: is not an image of a known format (it starts with \"hello wo\");"
            + " supported are JPEG, PNG, WebP, BMP, GIF, TIFF, PNM, ICO and PSD",
        refusal(latin1("hello world"), "photo.jpg"));
  }

  @Test
  void unknownBytesAreShown() {
    assertTrue(refusal(new byte[] {0, 1, (byte) 0xfe}, "x.png").contains("bytes 00 01 fe"));
  }

  @Test
  void emptyFile() {
    assertEquals("photo.jpg: is empty, not an image", refusal(new byte[0], "photo.jpg"));
  }

  @Test
  void bitmapsAreNotTakenFromText() {
    assertTrue(refusal(latin1("BMW cars are listed below"), "cars.bmp").contains("known format"));
  }

  @ParameterizedTest
  @CsvSource({
    "'\0\0\0\u001cftypavif', AVIF",
    "'\0\0\0\u001cftypheic', HEIF",
    "'\0\0\0\fjP  \r\n', JPEG 2000",
    "%PDF-1.7, PDF"
  })
  void unsupportedFormatsAreNamed(String start, String format) {
    assertTrue(
        refusal(latin1(start), "picture").startsWith("picture: " + format + " is not supported"));
  }

  @Test
  void directory(@TempDir Path directory) {
    var e = assertThrows(ImageException.class, () -> Images.read(directory));
    assertEquals(directory + ": is a directory, not an image", e.getMessage());
  }

  @Test
  void missingFile(@TempDir Path directory) {
    Path path = directory.resolve("none.png");
    var e = assertThrows(ImageException.class, () -> Images.read(path));
    assertEquals(path + ": no such file", e.getMessage());
  }

  @Test
  void formatIsToldByContent(@TempDir Path directory) throws IOException {
    Path path = directory.resolve("really-a-png.jpg");
    Files.write(path, Checksums.bytes("/images/rgb.png"));
    assertEquals(new ImageInfo(ImageFormat.PNG, 31, 23, Orientation.UPRIGHT), Images.info(path));
    assertEquals(31, Images.read(path).width());
  }

  @Test
  void hugePngIsRefusedByItsHeader() throws IOException {
    byte[] file = Arrays.copyOf(png(50_000, 50_000), 33);
    assertEquals(
        "huge.png: PNG of 50000 x 50000 pixels exceeds the limit of 89478485 pixels; make it"
            + " smaller",
        refusal(file, "huge.png"));
    assertEquals(50_000, Images.info(file, "huge.png").width());
  }

  @Test
  void noLimitExceedsAnArray() throws IOException {
    byte[] file = png(1 << 20, 1 << 20);
    var unlimited = new ImageOptions(false, Long.MAX_VALUE);
    var e = assertThrows(ImageException.class, () -> Images.decode(file, "huge.png", unlimited));
    assertTrue(e.getMessage().contains("limit of 715827879 pixels"), e.getMessage());
  }

  @Test
  void limitIsInclusive() {
    byte[] file = Checksums.bytes("/images/rgb.png");
    var exact = new ImageOptions(false, 31 * 23);
    assertEquals(23, Images.decode(file, "rgb.png", exact).height());
    var less = new ImageOptions(false, 31 * 23 - 1);
    assertThrows(ImageException.class, () -> Images.decode(file, "rgb.png", less));
  }

  @Test
  void jpegWithVeryManyScans() {
    byte[] file = Checksums.bytes("/images/progressive-444-16x16.jpg");
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int lastScan = text.lastIndexOf("\u00ff\u00da");
    String scan = text.substring(lastScan, text.length() - 2);
    byte[] many = latin1(text.substring(0, lastScan) + scan.repeat(200) + "\u00ff\u00d9");
    assertTrue(refusal(many, "many.jpg").contains("more than 100 scans"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void orientationOfPng(int orientation) {
    byte[] file = Checksums.bytes("/images/exif.png");
    int at = indexOf(file, "eXIf");
    int value = indexOf(Arrays.copyOfRange(file, at, file.length), "\1\22\0\3\0\0\0\1\0\6");
    file[at + value + 9] = (byte) orientation;
    fixChecksum(file, at);
    assertEquals(orientation, Images.info(file, "exif.png").orientation().exifValue());
    RgbImage image = Images.decode(file, "exif.png", ImageOptions.DEFAULT);
    assertEquals(orientation > 4 ? 23 : 31, image.width());
  }

  @Test
  void orientationFromXmp() {
    byte[] file = Checksums.bytes("/images/grey.jpg");
    byte[] xmp = latin1("http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation=\"8\"/>");
    var out = ByteBuffer.allocate(file.length + xmp.length + 4);
    out.put(file, 0, 2).put((byte) 0xff).put((byte) 0xe1).putShort((short) (xmp.length + 2));
    out.put(xmp).put(file, 2, file.length - 2);
    assertEquals(
        Orientation.ROTATE_COUNTERCLOCKWISE, Images.info(out.array(), "xmp.jpg").orientation());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline-420-33x17.jpg",
        "progressive-422-33x17.jpg",
        "cmyk.jpg",
        "exif.png",
        "p-16.png",
        "p-16.bmp",
        "rle8.bmp",
        "transparent.gif"
      })
  void damageGivesPixelsOrOurException(String name) {
    byte[] original = Checksums.bytes("/images/" + name);
    var random = new SplittableRandom(name.hashCode());
    for (int i = 0; i < 1500; i++) {
      byte[] file = original.clone();
      for (int k = random.nextInt(1, 4); k > 0; k--) {
        file[random.nextInt(file.length)] = (byte) random.nextInt();
      }
      if (random.nextInt(4) == 0) {
        file = Arrays.copyOf(file, random.nextInt(file.length));
      }
      if (name.endsWith(".png") && file.length > 33) {
        fixChecksum(file, 12);
      }
      try {
        // A limit that keeps the test fast where an edge was damaged.
        Images.decode(file, name, new ImageOptions(false, 1_000_000));
      } catch (ImageException e) {
        Pillow.assertOneLine(e, name);
      }
    }
  }

  private static int indexOf(byte[] data, String text) {
    return new String(data, StandardCharsets.ISO_8859_1).indexOf(text);
  }

  /** Makes the checksum of the chunk whose type is at {@code type} right again. */
  private static void fixChecksum(byte[] png, int type) {
    int length = ByteBuffer.wrap(png).getInt(type - 4);
    if (length < 0 || length > png.length - type - 8) {
      return;
    }
    var crc = new CRC32();
    crc.update(png, type, 4 + length);
    ByteBuffer.wrap(png).putInt(type + 4 + length, (int) crc.getValue());
  }

  /** The start of a PNG: signature, header, and an empty data chunk. */
  private static byte[] png(int width, int height) throws IOException {
    var out = new ByteArrayOutputStream();
    out.write(latin1("\u0089PNG\r\n\u001a\n"));
    var header = ByteBuffer.allocate(25).putInt(13).put(latin1("IHDR"));
    header.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
    fixChecksum(header.array(), 4);
    out.write(header.array());
    byte[] data = ByteBuffer.allocate(12).putInt(0).put(latin1("IDAT")).array();
    fixChecksum(data, 4);
    out.write(data);
    return out.toByteArray();
  }
}
