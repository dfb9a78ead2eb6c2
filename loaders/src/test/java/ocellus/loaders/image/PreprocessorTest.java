package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.loaders.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors against timm's and transformers': see src/reference/make_preprocess_goldens.py. */
class PreprocessorTest {
  private static final double UNIT = Preprocessing.UNIT_RANGE;
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
  private static final List<Double> ZERO = List.of(0.0, 0.0, 0.0);
  private static final List<Double> ONE = List.of(1.0, 1.0, 1.0);
  private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);

  static List<Checksums.Line> goldens() {
    return Checksums.read("/images/preprocess.sha256");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void tensorsAreTheReferences(Checksums.Line line) {
    List<String> fields = List.of(line.name().split(" ", -1));
    Size image = size(fields.get(0), true);
    Preprocessing preprocessing =
        fields.get(1).equals("timm") ? timm(fields) : transformers(fields.get(2));
    Tensor tensor =
        new Preprocessor(preprocessing).apply(Noise.image(image.width(), image.height()));
    assertTrue(tensor.shape().is(preprocessing.height(), preprocessing.width(), 3));
    var bytes = ByteBuffer.allocate(tensor.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(tensor.toArray());
    assertEquals(line.checksum(), Checksums.sha256(bytes.array()));
  }

  /** Only a part is decoded, and which part depends on the orientation. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void tensorOfAFileIsThatOfItsPixels(int orientation) {
    for (String name : List.of("baseline-420-67x45.jpg", "progressive-444-67x45.jpg", "rgb.png")) {
      byte[] file = oriented(Checksums.bytes("/images/" + name), orientation);
      for (Resize resize : List.of(new Resize.ShortestEdge(40), new Resize.Exact(50, 33))) {
        var preprocessing =
            new Preprocessing(
                resize,
                Filter.BICUBIC,
                new Crop.Center(17, 12, Crop.Rounding.TORCHVISION, 0),
                UNIT,
                0,
                HALF,
                HALF);
        var preprocessor = new Preprocessor(preprocessing);
        for (boolean ignored : new boolean[] {false, true}) {
          ImageOptions options = ImageOptions.DEFAULT.withIgnoreExif(ignored);
          RgbImage part = preprocessor.decode(EncodedImage.of(name, () -> file, options));
          Tensor tensor = preprocessor.apply(part);
          RgbImage image = Images.decode(file, name, options);
          assertArrayEquals(preprocessor.apply(image).toArray(), tensor.toArray());
        }
      }
    }
  }

  /** A JPEG with an orientation in XMP; other files as they are. */
  private static byte[] oriented(byte[] file, int orientation) {
    if (file[0] != (byte) 0xff) {
      return file;
    }
    String text = "http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation=\"" + orientation + "\"/>";
    byte[] xmp = text.getBytes(StandardCharsets.ISO_8859_1);
    var out = ByteBuffer.allocate(file.length + xmp.length + 4);
    out.put(file, 0, 2).put((byte) 0xff).put((byte) 0xe1).putShort((short) (xmp.length + 2));
    return out.put(xmp).put(file, 2, file.length - 2).array();
  }

  /** See src/reference/make_siglip2_goldens.py. */
  @Test
  void asManyPatchesFitAsInTransformers() {
    String lines = new String(Checksums.bytes("/images/patch-budget.csv"), StandardCharsets.UTF_8);
    for (String line : lines.lines().toList()) {
      int[] n = Arrays.stream(line.split(",", -1)).mapToInt(Integer::parseInt).toArray();
      Size target = new Resize.PatchBudget(n[2], n[3]).target(new Size(n[0], n[1]));
      assertEquals(new Size(n[4], n[5]), target, line);
    }
  }

  private static Size size(String text, boolean widthFirst) {
    int x = text.indexOf('x');
    int a = Integer.parseInt(text.substring(0, x));
    int b = Integer.parseInt(text.substring(x + 1));
    return widthFirst ? new Size(b, a) : new Size(a, b);
  }

  private static Preprocessing timm(List<String> fields) {
    Size target = size(fields.get(2), false);
    return Preprocessing.timm(
        target.height(),
        target.width(),
        Double.parseDouble(fields.get(3)),
        Preprocessing.CropMode.valueOf(fields.get(4).toUpperCase(Locale.ROOT)),
        Filter.named(fields.get(5)).orElseThrow(),
        Preprocessing.IMAGENET_MEAN,
        Preprocessing.IMAGENET_STD);
  }

  private static Preprocessing transformers(String name) {
    return switch (name) {
      case "vit" -> standard(new Resize.Exact(224, 224), Filter.BILINEAR, new Crop.None());
      case "vit-not-normalized" ->
          new Preprocessing(
              new Resize.Exact(50, 70), Filter.NEAREST, new Crop.None(), UNIT, 0, ZERO, ONE);
      case "vit-not-rescaled" ->
          new Preprocessing(
              new Resize.Exact(224, 224),
              Filter.BILINEAR,
              new Crop.None(),
              1,
              0,
              List.of(127.5, 127.5, 127.5),
              List.of(64.0, 64.0, 64.0));
      case "vit-not-resized" -> standard(new Resize.None(), Filter.BILINEAR, center(97, 98));
      case "clip" -> clip(new Resize.ShortestEdge(224), center(224, 224));
      case "clip-odd" -> clip(new Resize.ShortestEdge(130), center(127, 301));
      case "edge-range" -> clip(new Resize.EdgeRange(200, 260), center(224, 224));
      case "within" -> standard(new Resize.Within(200, 150), Filter.BILINEAR, center(200, 150));
      case "convnext-224" ->
          standard(new Resize.ShortestEdge(256), Filter.BICUBIC, center(224, 224));
      case "convnext-384" -> standard(new Resize.Exact(384, 384), Filter.BICUBIC, new Crop.None());
      case "mobilenet-v2" ->
          standard(new Resize.ShortestEdge(256), Filter.BILINEAR, center(224, 224));
      case "rescale-offset" ->
          new Preprocessing(
              new Resize.Exact(60, 60), Filter.BICUBIC, new Crop.None(), 1 / 127.5, -1, ZERO, ONE);
      case "include-top" ->
          new Preprocessing(
              new Resize.Exact(50, 60),
              Filter.NEAREST,
              new Crop.None(),
              UNIT,
              0,
              Preprocessing.IMAGENET_MEAN,
              CLIP_STD,
              CLIP_STD);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Preprocessing standard(Resize resize, Filter filter, Crop crop) {
    return new Preprocessing(resize, filter, crop, UNIT, 0, HALF, HALF);
  }

  private static Preprocessing clip(Resize resize, Crop crop) {
    return new Preprocessing(resize, Filter.BICUBIC, crop, UNIT, 0, CLIP_MEAN, CLIP_STD);
  }

  private static Crop center(int height, int width) {
    return new Crop.Center(height, width, Crop.Rounding.TRANSFORMERS, 0);
  }

  @Test
  void writesIntoAPartOfAnArray() {
    var preprocessor =
        new Preprocessor(standard(new Resize.Exact(3, 4), Filter.BOX, new Crop.None()));
    RgbImage image = Noise.image(9, 8);
    float[] data = new float[50];
    preprocessor.apply(image, Tensor.of(data, 7, Shape.of(3, 4, 3)));
    float[] expected = new float[50];
    System.arraycopy(preprocessor.apply(image).data(), 0, expected, 7, 36);
    assertArrayEquals(expected, data);
    Tensor wrong = Tensor.zeros(4, 3, 3);
    assertThrows(IllegalArgumentException.class, () -> preprocessor.apply(image, wrong));
  }

  @ParameterizedTest
  @CsvSource({"1, 2000", "2000, 1"})
  void anEdgeThatVanishesIsRefused(int width, int height) {
    var preprocessor =
        new Preprocessor(
            Preprocessing.timm(
                224,
                224,
                1,
                Preprocessing.CropMode.BORDER,
                Filter.BICUBIC,
                Preprocessing.IMAGENET_MEAN,
                Preprocessing.IMAGENET_STD));
    RgbImage image = Noise.image(width, height);
    var e = assertThrows(ImageException.class, () -> preprocessor.apply(image));
    assertTrue(e.getMessage().contains("too elongated"), e.getMessage());
  }

  @Test
  void anEdgeBeyondMemoryIsRefused() {
    var preprocessor =
        new Preprocessor(standard(new Resize.ShortestEdge(256), Filter.LANCZOS, center(224, 224)));
    RgbImage image = RgbImage.of(1, 20_000_000, new byte[60_000_000]);
    assertThrows(ImageException.class, () -> preprocessor.apply(image));
  }

  @Test
  void onlyTheCropIsComputed() {
    // Resized as a whole, this image would take 256 x 2,048,000 pixels.
    var preprocessor =
        new Preprocessor(standard(new Resize.ShortestEdge(256), Filter.LANCZOS, center(224, 224)));
    Tensor tensor = preprocessor.apply(Noise.image(8000, 1));
    assertEquals(224 * 224 * 3, tensor.size());
  }

  /** Of single precision; PyTorch adds up in another order. */
  private static final double FLOAT_TOLERANCE = 5e-6;

  @Test
  void pixelsThatStayFloatsAreThoseOfTheReference() {
    Preprocessing squashed = dinov3(new Resize.Exact(20, 24), Filter.BILINEAR, new Crop.None());
    Crop center = new Crop.Center(17, 30, Crop.Rounding.TRANSFORMERS_TORCHVISION, 0);
    Preprocessing cropped = dinov3(new Resize.ShortestEdge(22), Filter.BICUBIC, center);
    URL goldens = getClass().getResource("/images/preprocess-floats.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(Path.of(goldens.getPath()))) {
      for (String name : file.names()) {
        String[] words = name.split("[x ]", -1);
        RgbImage image = Noise.image(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
        boolean whole = words[2].equals("dinov3");
        Tensor tensor = new Preprocessor(whole ? squashed : cropped).apply(image);
        assertTrue(file.shape(name).is(tensor.dim(0), tensor.dim(1), 3), name);
        float[] expected = new float[tensor.size()];
        file.read(name, 0, expected, 0, expected.length);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], tensor.data()[i], FLOAT_TOLERANCE, name + ", element " + i);
        }
      }
    }
  }

  /** PyTorch's nearest-exact: the pixel that the centre of the new one is in. */
  @Test
  void nearestPixelsThatStayFloatsAreOldOnes() {
    RgbImage image = Noise.image(50, 37);
    Tensor tensor = floats(new Resize.Exact(20, 24), new Crop.None()).apply(image);
    Tensor larger = floats(new Resize.Exact(91, 83), new Crop.None()).apply(image);
    for (Tensor out : List.of(tensor, larger)) {
      for (int y = 0; y < out.dim(0); y++) {
        for (int x = 0; x < out.dim(1); x++) {
          int row = (2 * y + 1) * 37 / (2 * out.dim(0));
          int column = (2 * x + 1) * 50 / (2 * out.dim(1));
          assertPixel(image, row, column, out, y, x);
        }
      }
    }
  }

  /** Rows are cut off and columns added. */
  @Test
  void pixelsThatStayFloatsNeedNotBeResized() {
    RgbImage image = Noise.image(50, 37);
    Crop crop = new Crop.Center(17, 61, Crop.Rounding.TRANSFORMERS_TORCHVISION, 0);
    Tensor out = floats(new Resize.None(), crop).apply(image);
    for (int y = 0; y < 17; y++) {
      for (int x = 0; x < 61; x++) {
        assertPixel(image, y + 10, x - 5, out, y, x);
      }
    }
  }

  /** Whose values are those of the pixels. */
  private static Preprocessor floats(Resize resize, Crop crop) {
    Preprocessing bytes = new Preprocessing(resize, Filter.NEAREST, crop, 1, 0, ZERO, ONE);
    return new Preprocessor(bytes.with(Preprocessing.Pixels.FLOATS));
  }

  private static void assertPixel(
      RgbImage image, int row, int column, Tensor tensor, int y, int x) {
    boolean inside = column >= 0 && column < image.width();
    for (int c = 0; c < RgbImage.CHANNELS; c++) {
      int at = (row * image.width() + column) * RgbImage.CHANNELS + c;
      float actual = tensor.data()[(y * tensor.dim(1) + x) * RgbImage.CHANNELS + c];
      assertEquals(inside ? image.data()[at] & 0xff : 0, actual, "row " + y + ", column " + x);
    }
  }

  private static Preprocessing dinov3(Resize resize, Filter filter, Crop crop) {
    return new Preprocessing(
            resize, filter, crop, UNIT, 0, Preprocessing.IMAGENET_MEAN, Preprocessing.IMAGENET_STD)
        .with(Preprocessing.Pixels.FLOATS);
  }

  @Test
  void theSizeOfTheTensorMustBeKnown() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> standard(new Resize.ShortestEdge(224), Filter.BICUBIC, new Crop.None()));
    assertTrue(e.getMessage().contains("without a crop"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0", "0.5, -1", "NaN, 0.5", "0.5, NaN", "0.5, Infinity", "Infinity, 0.5"})
  void impossibleStatisticsAreRefused(double mean, double std) {
    List<Double> means = List.of(0.5, mean, 0.5);
    List<Double> stds = List.of(0.5, 0.5, std);
    Resize resize = new Resize.Exact(2, 2);
    Crop none = new Crop.None();
    assertThrows(
        IllegalArgumentException.class,
        () -> new Preprocessing(resize, Filter.BOX, none, UNIT, 0, means, stds));
  }

  @Test
  void impossibleDivisorsAreRefused() {
    for (List<Double> divisor : List.of(List.of(1.0, 0.0, 1.0), List.of(1.0, 1.0))) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              new Preprocessing(
                  new Resize.Exact(2, 2),
                  Filter.BOX,
                  new Crop.None(),
                  UNIT,
                  0,
                  HALF,
                  HALF,
                  divisor));
    }
  }
}
