package ocellus.loaders.internal;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Text out of a file, and the names of files, made fit for a one-line message. */
public final class Printable {
  private static final int LONGEST = 120;

  private Printable() {}

  /** {@code text} without control characters, cut where it is long. */
  public static String clip(String text) {
    boolean cut = text.length() > LONGEST;
    var line = new StringBuilder(LONGEST + 3);
    text.codePoints().limit(LONGEST).map(Printable::visible).forEach(line::appendCodePoint);
    return cut ? line.append("...").toString() : line.toString();
  }

  private static int visible(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          ' ';
      default -> codePoint;
    };
  }

  /** A file by its folder and its own name, as in {@code vit_tiny/config.json}. */
  public static String name(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    int names = absolute.getNameCount();
    return names == 0
        ? absolute.toString()
        : absolute.subpath(Math.max(0, names - 2), names).toString();
  }

  /** Why a file could not be read. */
  public static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such file";
      case AccessDeniedException _ -> "permission denied";
      default -> clip(e.getMessage() == null ? e.toString() : e.getMessage());
    };
  }
}
