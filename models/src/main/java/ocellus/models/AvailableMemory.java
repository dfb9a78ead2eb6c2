package ocellus.models;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ocellus.engine.OcellusException;

/**
 * How much memory this process may still take outside of Java's heap before the system would stop
 * it: what Linux says of the machine (proc(5), meminfo) and of the control groups that the process
 * is in (cgroup v1 and v2). Cached files don't count as used, for they give way.
 */
final class AvailableMemory {
  /** The property that sets it: bytes, or with k, m or g units of 2^10, 2^20 or 2^30. */
  static final String PROPERTY = "ocellus.weightMemory";

  private static final Pattern AMOUNT = Pattern.compile("(\\d{1,18})([kmgKMG]?)");
  private static final String UNITS = "kmg";

  /** What a kind of control group calls its files and the counts in them. */
  private enum Groups {
    V1("memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache", "total_shmem"),
    V2("memory.max", "memory.current", "file", "shmem");

    private final String limit;
    private final String used;
    private final String cached;
    private final String sharedMemory;

    Groups(String limit, String used, String cached, String sharedMemory) {
      this.limit = limit;
      this.used = used;
      this.cached = cached;
      this.sharedMemory = sharedMemory;
    }
  }

  private AvailableMemory() {}

  /**
   * In bytes; empty where neither the property nor the system tells.
   *
   * @throws OcellusException if the property is no amount of memory
   */
  static OptionalLong bytes() {
    String value = System.getProperty(PROPERTY);
    return value == null ? of(Path.of("/")) : OptionalLong.of(parse(value));
  }

  private static long parse(String value) {
    Matcher amount = AMOUNT.matcher(value);
    if (!amount.matches()) {
      throw new OcellusException(
          "property %s is '%s', expected a number of bytes, as in 2000000000 or 2g"
              .formatted(PROPERTY, value));
    }
    int power =
        amount.group(2).isEmpty() ? 0 : 1 + UNITS.indexOf(amount.group(2).toLowerCase(Locale.ROOT));
    BigInteger bytes = new BigInteger(amount.group(1)).shiftLeft(10 * power);
    return bytes.bitLength() < Long.SIZE ? bytes.longValue() : Long.MAX_VALUE;
  }

  /** What the files below a root directory say. */
  static OptionalLong of(Path root) {
    long least = machine(root.resolve("proc/meminfo"));
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      List<String> parts = List.of(line.split(":", 3)); // hierarchy, controllers, path
      Path mounted = root.resolve("sys/fs/cgroup");
      if (parts.size() == 3 && parts.get(0).equals("0")) {
        least = Math.min(least, groups(Groups.V2, mounted, parts.get(2)));
      } else if (parts.size() == 3 && List.of(parts.get(1).split(",", -1)).contains("memory")) {
        least = Math.min(least, groups(Groups.V1, mounted.resolve("memory"), parts.get(2)));
      }
    }
    return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
  }

  private static long machine(Path meminfo) {
    Map<String, Long> counts = counts(meminfo);
    Long available = counts.get("MemAvailable:");
    return available == null
        ? Long.MAX_VALUE
        : (available + counts.getOrDefault("SwapFree:", 0L)) * 1024;
  }

  /** The least that a group and those around it leave. In a container, some of them are hidden. */
  private static long groups(Groups names, Path mounted, String path) {
    long least = Long.MAX_VALUE;
    Path group = mounted.resolve(path.substring(1)).normalize();
    while (group.startsWith(mounted)) {
      least = Math.min(least, left(names, group));
      group = group.getParent();
    }
    return least;
  }

  private static long left(Groups names, Path group) {
    long limit = number(group.resolve(names.limit));
    long used = number(group.resolve(names.used));
    if (limit < 0 || used < 0) {
      return Long.MAX_VALUE; // not there, or "max"
    }
    Map<String, Long> counts = counts(group.resolve("memory.stat"));
    long cached =
        counts.getOrDefault(names.cached, 0L) - counts.getOrDefault(names.sharedMemory, 0L);
    return Math.max(0, limit - Math.max(0, used - cached));
  }

  /** -1 if there is no such file or no number in it. */
  private static long number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() || !lines.getFirst().matches("\\d{1,19}")
        ? -1
        : new BigInteger(lines.getFirst()).min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
  }

  /** The lines that are a name and a number. */
  private static Map<String, Long> counts(Path file) {
    Map<String, Long> counts = new HashMap<>();
    for (String line : lines(file)) {
      List<String> words = List.of(line.split("\\s+", 3));
      if (words.size() >= 2 && words.get(1).matches("\\d{1,18}")) {
        counts.put(words.get(0), Long.valueOf(words.get(1)));
      }
    }
    return counts;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // not Linux, or hidden in a container
    }
  }
}
