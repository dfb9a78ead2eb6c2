package ocellus.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import ocellus.engine.OcellusException;
import ocellus.loaders.image.EncodedImage;
import ocellus.loaders.image.ImageException;
import ocellus.loaders.image.ImageOptions;
import picocli.CommandLine.ParseResult;

/**
 * An image that the user named.
 *
 * @param name what to call it
 * @param image what is read when its turn comes
 */
record ImageSource(String name, EncodedImage image) {
  static final String STANDARD_INPUT = "-";

  /** What the files of a folder must end in to be taken for images. */
  private static final Set<String> SUFFIXES =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "gif", "tif", "tiff", "pbm", "pgm",
          "ppm", "pnm", "ico", "psd");

  /** The images that the arguments name, folders replaced by the images directly in them. */
  static List<ImageSource> all(ParseResult args, Console console) {
    ImageOptions options = ImageOptions.DEFAULT.withIgnoreExif(Options.ignoresExif(args));
    List<ImageSource> sources = new ArrayList<>();
    for (String name : Options.images(args)) {
      Path path = Path.of(name);
      if (name.equals(STANDARD_INPUT)) {
        sources.add(
            new ImageSource(
                name, EncodedImage.of(name, () -> standardInput(console.in()), options)));
      } else if (Files.isDirectory(path)) {
        addFolder(path, options, sources);
      } else {
        sources.add(new ImageSource(name, EncodedImage.of(path, options)));
      }
    }
    return sources;
  }

  /**
   * The file or folder of this name.
   *
   * @throws OcellusException if the locale's encoding cannot express it
   */
  static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new OcellusException(name + ": not a file name in this locale; try LC_ALL=C.UTF-8", e);
    }
  }

  /** All bytes of an image that is piped in. */
  static byte[] standardInput(InputStream in) {
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ImageException("standard input cannot be read: " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw new ImageException(
          "standard input: not enough memory to read it; give Java a larger heap (-Xmx)", e);
    }
  }

  /** Adds the images in a folder; if there is none, one that fails and says so. */
  private static void addFolder(Path folder, ImageOptions options, List<ImageSource> sources) {
    List<Path> files;
    try {
      files = filesIn(folder);
    } catch (IOException | UncheckedIOException e) {
      sources.add(failing(folder, folder + ": cannot be read: " + e.getMessage()));
      return;
    }
    if (files.isEmpty()) {
      sources.add(failing(folder, folder + ": no images are directly in this folder"));
    }
    for (Path file : files) {
      sources.add(new ImageSource(file.toString(), EncodedImage.of(file, options)));
    }
  }

  /** The files directly in a folder that are named as images are, in the order of their names. */
  static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(ImageSource::isNamedAsImage).sorted().toList();
    }
  }

  private static ImageSource failing(Path folder, String message) {
    String name = folder.toString();
    Supplier<byte[]> fails =
        () -> {
          throw new ImageException(message);
        };
    return new ImageSource(name, EncodedImage.of(name, fails, ImageOptions.DEFAULT));
  }

  private static boolean isNamedAsImage(Path file) {
    String name = file.getFileName().toString();
    String suffix = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return SUFFIXES.contains(suffix) && Files.isRegularFile(file);
  }
}
