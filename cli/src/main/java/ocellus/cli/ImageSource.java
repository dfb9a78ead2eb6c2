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
import java.util.Optional;
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
 * @param file that it is in, if it is in one
 * @param image what is read when its turn comes
 */
record ImageSource(String name, Optional<Path> file, EncodedImage image) {
  static final String STANDARD_INPUT = "-";

  /** What Java makes of bytes that are no character. */
  private static final char UNDECODED = '\uFFFD';

  private static final String NOT_UTF_8 =
      ": no such file; if its name is not in UTF-8, rename it or name its folder";

  private static final String READ_TWICE =
      "-: standard input holds one image and is read already; name it once";

  /** What the files of a folder must end in to be taken for images. */
  private static final Set<String> SUFFIXES =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "gif", "tif", "tiff", "pbm", "pgm",
          "ppm", "pnm", "ico", "psd");

  /** The image in a file. */
  static ImageSource of(Path file, ImageOptions options) {
    return of(file.toString(), file, options);
  }

  private static ImageSource of(String name, Path file, ImageOptions options) {
    return new ImageSource(name, Optional.of(file), EncodedImage.of(file, options));
  }

  private static ImageSource piped(InputStream in, ImageOptions options) {
    return new ImageSource(
        STANDARD_INPUT,
        Optional.empty(),
        EncodedImage.of(STANDARD_INPUT, () -> standardInput(in), options));
  }

  private static ImageSource failing(String name, String message) {
    Supplier<byte[]> fails =
        () -> {
          throw new ImageException(message);
        };
    return new ImageSource(
        name, Optional.empty(), EncodedImage.of(name, fails, ImageOptions.DEFAULT));
  }

  /** The images that the arguments name, folders replaced by the images directly in them. */
  static List<ImageSource> all(ParseResult args, Console console) {
    ImageOptions options = ImageOptions.DEFAULT.withIgnoreExif(Options.ignoresExif(args));
    List<ImageSource> sources = new ArrayList<>();
    boolean piped = false;
    for (String name : Options.images(args)) {
      if (name.equals(STANDARD_INPUT)) {
        sources.add(piped ? failing(name, READ_TWICE) : piped(console.in(), options));
        piped = true;
      } else {
        addNamed(name, options, sources);
      }
    }
    return sources;
  }

  private static void addNamed(String name, ImageOptions options, List<ImageSource> sources) {
    Path path;
    try {
      path = path(name);
    } catch (OcellusException e) {
      sources.add(failing(name, e.getMessage()));
      return;
    }
    if (Files.isDirectory(path)) {
      addFolder(path, options, sources);
    } else if (name.indexOf(UNDECODED) >= 0 && !Files.exists(path)) {
      sources.add(failing(name, name + NOT_UTF_8));
    } else {
      sources.add(of(name, path, options));
    }
  }

  /**
   * The file or folder of this name.
   *
   * @throws OcellusException if it is empty, which would be the current folder, or the locale's
   *     encoding cannot express it
   */
  static Path path(String name) {
    if (name.isEmpty()) {
      throw new OcellusException(
          "the name of a file or folder is empty; give one, or leave it out");
    }
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
      sources.add(failing(folder.toString(), folder + ": cannot be read: " + e.getMessage()));
      return;
    }
    if (files.isEmpty()) {
      sources.add(failing(folder.toString(), folder + ": no images are directly in this folder"));
    }
    for (Path file : files) {
      sources.add(of(file, options));
    }
  }

  /** The files directly in a folder that are named as images are, in the order of their names. */
  static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(ImageSource::isNamedAsImage).sorted().toList();
    }
  }

  private static boolean isNamedAsImage(Path file) {
    String name = file.getFileName().toString();
    String suffix = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return SUFFIXES.contains(suffix) && (Files.isRegularFile(file) || leadsNowhere(file));
  }

  /** Whether it is a link to nothing: an image that is missed, not one that was never there. */
  private static boolean leadsNowhere(Path file) {
    return Files.isSymbolicLink(file) && !Files.exists(file);
  }
}
