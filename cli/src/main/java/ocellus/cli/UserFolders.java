package ocellus.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import ocellus.engine.OcellusException;

/** Where the program keeps what is the user's, as the XDG Base Directory Specification says. */
final class UserFolders {
  private UserFolders() {}

  /**
   * For what can be computed again: {@code ~/.cache/ocellus}.
   *
   * @throws OcellusException if the locale's encoding cannot express it
   */
  static Path cache() {
    return of(System.getenv("XDG_CACHE_HOME"), ".cache");
  }

  /**
   * For what the user put there: {@code ~/.config/ocellus}.
   *
   * @throws OcellusException if the locale's encoding cannot express it
   */
  static Path configuration() {
    return of(System.getenv("XDG_CONFIG_HOME"), ".config");
  }

  /**
   * The program's folder in that of a variable.
   *
   * @param value of the variable, null if it is not set; what is no absolute path is ignored
   * @param absent the folder in the user's home that counts then
   */
  static Path of(String value, String absent) {
    return absolute(value)
        .orElseGet(() -> ImageSource.path(System.getProperty("user.home")).resolve(absent))
        .resolve("ocellus");
  }

  private static Optional<Path> absolute(String value) {
    try {
      return Optional.ofNullable(value).map(Path::of).filter(Path::isAbsolute);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
