package ocellus.cli;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import ocellus.engine.OcellusException;

/**
 * The file that results are to go to, looked at before there are any to lose. Looking changes
 * nothing: what the file holds stays, and a file that is not there is not made.
 */
final class Destination {
  private Destination() {}

  /**
   * Refuses what cannot be opened for writing, whether the file is there or has to be made.
   *
   * @throws OcellusException if it is a folder, its folder is not there, or there is no permission
   */
  static void requireWritable(Path file) {
    requireFolder(file);
    // Whether a link to nothing can be written is left to opening it.
    boolean made = Files.notExists(file, LinkOption.NOFOLLOW_LINKS);
    if (made) {
      requireWritableFolder(file);
    } else if (Files.exists(file) && !Files.isWritable(file)) {
      throw refused(file, "it may not be written to; name another file");
    }
  }

  /**
   * Refuses what cannot be replaced by a file that is made beside it.
   *
   * @throws OcellusException if it is a folder, its folder is not there, or there is no permission
   */
  static void requireReplaceable(Path file) {
    requireFolder(file);
    requireWritableFolder(file);
  }

  private static void requireFolder(Path file) {
    if (Files.isDirectory(file)) {
      throw refused(file, "it is a folder; name a file");
    }
    Path folder = folder(file);
    if (!Files.exists(folder)) {
      throw refused(file, "its folder is not there; make it");
    }
    if (!Files.isDirectory(folder)) {
      throw refused(file, "what should be its folder is a file; name another");
    }
  }

  private static void requireWritableFolder(Path file) {
    if (!Files.isWritable(folder(file))) {
      throw refused(file, "its folder may not be written to; name another file");
    }
  }

  /** Of a file that is no folder, so never none. */
  private static Path folder(Path file) {
    return file.toAbsolutePath().getParent();
  }

  private static OcellusException refused(Path file, String reason) {
    return new OcellusException(file + ": cannot be written: " + reason);
  }
}
