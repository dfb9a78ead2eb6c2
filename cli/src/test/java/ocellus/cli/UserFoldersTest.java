package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserFoldersTest {
  @Test
  void anAbsoluteFolderCounts() {
    Path folder = Path.of("caches").toAbsolutePath();
    assertEquals(folder.resolve("ocellus"), UserFolders.of(folder.toString(), ".cache"));
  }

  /** As the specification says of relative ones; a zero byte is in no path. */
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "caches", "./caches", "~/caches", "/caches\0"})
  void otherValuesAreIgnored(String value) {
    assertEquals(
        Path.of(System.getProperty("user.home"), ".cache", "ocellus"),
        UserFolders.of(value, ".cache"));
  }
}
