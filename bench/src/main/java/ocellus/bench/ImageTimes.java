package ocellus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import ocellus.engine.Tensor;
import ocellus.loaders.image.Crop;
import ocellus.loaders.image.EncodedImage;
import ocellus.loaders.image.Filter;
import ocellus.loaders.image.ImageOptions;
import ocellus.loaders.image.Images;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Preprocessor;
import ocellus.loaders.image.Resize;
import ocellus.loaders.image.RgbImage;

/**
 * From files to tensors beside Pillow and NumPy, on one thread, in {@link Turns}: decoding,
 * resizing, and all of it. Pixels have to be the same before anything is measured.
 *
 * <p>Arguments: the command that starts a Python with Pillow and NumPy, and folders of images.
 */
public final class ImageTimes {
  private static final double WARM_UP_SECONDS = 3;
  private static final double SECONDS = 4;

  /** As src/reference/pillow_side.py has them. */
  private static final int EDGE = 256;

  private static final int CROP = 224;

  private static final ImageOptions STORED = ImageOptions.DEFAULT.withIgnoreExif(true);

  /** Sums of floats that are equal but for their last bits. */
  private static final double SUM_TOLERANCE = 1e-6;

  private final List<byte[]> files;
  private final List<RgbImage> images;

  private ImageTimes(List<byte[]> files) {
    this.files = files;
    this.images = files.stream().map(ImageTimes::decode).toList();
  }

  /**
   * Prints a table in Markdown.
   *
   * @param args a Python command, and folders
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      throw new IllegalArgumentException("bench/run ImageTimes PYTHON FOLDER...");
    }
    Table table =
        Table.markdown(System.out, "folder", "task", "Mpixel", "Ocellus ms", "Pillow ms", "ratio");
    for (Path folder : Stream.of(args).skip(1).map(Path::of).toList()) {
      List<byte[]> files = new ArrayList<>();
      try (Stream<Path> paths = Files.list(folder);
          var pillow = new PythonProcess(args[0], "pillow_side.py", folder)) {
        for (Path path : paths.filter(ImageTimes::isImage).sorted().toList()) {
          files.add(Files.readAllBytes(path));
        }
        new ImageTimes(files).compare(folder.getFileName().toString(), pillow, table);
      }
    }
  }

  private static boolean isImage(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).matches(".*\\.(jpe?g|png|bmp|gif)");
  }

  private static RgbImage decode(byte[] file) {
    return Images.decode(file, "image", STORED);
  }

  private void compare(String folder, PythonProcess pillow, Table table) {
    long pixels = images.stream().mapToLong(image -> (long) image.width() * image.height()).sum();
    Preprocessor squash = preprocessor(new Resize.Exact(EDGE, EDGE), new Crop.None());
    Preprocessor timm =
        preprocessor(
            new Resize.ShortestEdge(EDGE),
            new Crop.Center(CROP, CROP, Crop.Rounding.TORCHVISION, 0));
    requireSame("decode", pillow, crc(images));
    requireSame("resize", pillow, crc(images.stream().map(squash::pixels).toList()));
    requireSame("tensor", pillow, sum(images.stream().map(timm::apply).toList()));
    Tensor out = Tensor.zeros(CROP, CROP, RgbImage.CHANNELS);
    measure(folder, "decode", pixels, pillow, table, files, ImageTimes::decode);
    measure(folder, "resize", pixels, pillow, table, images, squash::pixels);
    measure(
        folder,
        "tensor",
        pixels,
        pillow,
        table,
        files,
        file -> {
          timm.apply(timm.decode(EncodedImage.of("image", () -> file, STORED)), out);
          return out;
        });
  }

  private static Preprocessor preprocessor(Resize resize, Crop crop) {
    return new Preprocessor(
        new Preprocessing(
            resize,
            Filter.BICUBIC,
            crop,
            Preprocessing.UNIT_RANGE,
            0,
            Preprocessing.IMAGENET_MEAN,
            Preprocessing.IMAGENET_STD));
  }

  private static double crc(List<RgbImage> images) {
    var crc = new CRC32();
    images.forEach(image -> crc.update(image.data()));
    return crc.getValue();
  }

  private static double sum(List<Tensor> tensors) {
    double sum = 0;
    for (Tensor tensor : tensors) {
      for (float value : tensor.data()) {
        sum += value;
      }
    }
    return sum;
  }

  private static void requireSame(String task, PythonProcess pillow, double ours) {
    double theirs = pillow.ask("check " + task)[0];
    if (Math.abs(ours - theirs) > SUM_TOLERANCE * Math.abs(theirs)) {
      throw new IllegalStateException(task + ": " + ours + " is not Pillow's " + theirs);
    }
  }

  private static <T> void measure(
      String folder,
      String task,
      long pixels,
      PythonProcess pillow,
      Table table,
      List<T> inputs,
      Function<T, Object> job) {
    Object[] kept = new Object[1]; // so that nothing is computed in vain
    Timed ours = millis -> Side.time(() -> inputs.forEach(x -> kept[0] = job.apply(x)), millis);
    Timed theirs = millis -> pillow.ask("passes " + task + " " + millis);
    List<Double> millis = Turns.take(List.of(ours, theirs), WARM_UP_SECONDS, SECONDS).millis();
    table.row(
        folder,
        task,
        "%.1f".formatted(pixels / 1e6),
        "%.1f".formatted(millis.get(0)),
        "%.1f".formatted(millis.get(1)),
        "%.2f".formatted(millis.get(1) / millis.get(0)));
  }
}
