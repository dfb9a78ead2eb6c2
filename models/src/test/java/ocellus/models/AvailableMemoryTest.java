package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import ocellus.engine.OcellusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvailableMemoryTest {
  private static final String MEMINFO =
      """
      MemTotal:       24731708 kB
      MemFree:         1715536 kB
      MemAvailable:   20000000 kB
      SwapFree:        1000000 kB
      HugePages_Total:       0
      """;

  @TempDir Path root;

  private void file(String path, String content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private void assertAvailable(long bytes) {
    assertEquals(OptionalLong.of(bytes), AvailableMemory.of(root));
  }

  @Test
  void isUnknownWhereNobodyTells() {
    assertEquals(OptionalLong.empty(), AvailableMemory.of(root));
  }

  @Test
  void isWhatTheMachineCanFree() throws IOException {
    file("proc/meminfo", MEMINFO);
    assertAvailable(21_000_000L * 1024);
    file("proc/self/cgroup", "0::/\n");
    assertAvailable(21_000_000L * 1024);
  }

  @Test
  void isWhatTheControlGroupsLeave() throws IOException {
    file("proc/meminfo", MEMINFO);
    file("proc/self/cgroup", "0::/outer/inner\n");
    file("sys/fs/cgroup/outer/inner/memory.max", "max\n");
    file("sys/fs/cgroup/outer/inner/memory.current", "500\n");
    assertAvailable(21_000_000L * 1024);
    file("sys/fs/cgroup/outer/memory.max", "10000\n");
    file("sys/fs/cgroup/outer/memory.current", "6000\n");
    assertAvailable(4000);
    file("sys/fs/cgroup/outer/memory.stat", "anon 700\nfile 5000\nshmem 100\n");
    assertAvailable(8900);
    file("sys/fs/cgroup/outer/inner/memory.max", "700\n");
    assertAvailable(200);
    file("sys/fs/cgroup/outer/inner/memory.current", "800\n");
    assertAvailable(0);
  }

  @Test
  void isWhatTheOlderControlGroupsLeave() throws IOException {
    file("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x/y\n0::/\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    file("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n");
    assertAvailable(9223372036854771712L - 1000);
    file("sys/fs/cgroup/memory/x/y/memory.limit_in_bytes", "5000\n");
    file("sys/fs/cgroup/memory/x/y/memory.usage_in_bytes", "3000\n");
    file("sys/fs/cgroup/memory/x/y/memory.stat", "cache 1\ntotal_cache 900\ntotal_shmem 0\n");
    assertAvailable(2900);
  }

  @Test
  void isWhatThePropertySays() {
    assertProperty("2000", 2000);
    assertProperty("3k", 3 << 10);
    assertProperty("5M", 5 << 20);
    assertProperty("7g", 7L << 30);
    assertProperty("999999999999999999g", Long.MAX_VALUE);
    for (String wrong : new String[] {"", "-1", "2t", "lots", "1.5g"}) {
      var e = assertThrows(OcellusException.class, () -> assertProperty(wrong, 0));
      assertEquals(
          "property ocellus.weightMemory is '%s', expected a number of bytes, as in 2000000000 or 2g"
              .formatted(wrong),
          e.getMessage());
    }
  }

  private static void assertProperty(String value, long bytes) {
    System.setProperty(AvailableMemory.PROPERTY, value);
    try {
      assertEquals(OptionalLong.of(bytes), AvailableMemory.bytes());
    } finally {
      System.clearProperty(AvailableMemory.PROPERTY);
    }
  }
}
