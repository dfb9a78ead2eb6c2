package ocellus.cli;

import java.nio.file.Path;

/** Where the program keeps what is the user's, as the XDG Base Directory Specification says. */
final class UserFolders {
  private UserFolders() {}

  /** For what can be computed again: {@code ~/.cache/ocellus}. */
  static Path cache() {
    return of("XDG_CACHE_HOME", ".cache");
  }

  /** For what the user put there: {@code ~/.config/ocellus}. */
  static Path configuration() {
    return of("XDG_CONFIG_HOME", ".config");
  }

  private static Path of(String variable, String absent) {
    String folder = System.getenv(variable);
    Path base =
        folder == null || folder.isEmpty()
            ? Path.of(System.getProperty("user.home"), absent)
            : Path.of(folder);
    return base.resolve("ocellus");
  }
}
