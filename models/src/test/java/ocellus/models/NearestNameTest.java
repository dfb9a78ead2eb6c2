package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NearestNameTest {
  private static final Set<String> KNOWN = KnownModel.table().keySet();

  /** The lines of the table of relatives, by prefix. */
  private static Map<String, String> relatives() throws IOException {
    Map<String, String> relatives = new TreeMap<>();
    try (var in = NearestName.class.getResourceAsStream("relatives.tsv")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        List<String> cells = List.of(line.split("\t", -1));
        assertEquals(2, cells.size(), line);
        assertEquals(null, relatives.put(cells.getFirst(), cells.getLast()), "twice: " + line);
      }
    }
    return relatives;
  }

  @Test
  void relativesCanBeRun() throws IOException {
    relatives()
        .forEach(
            (prefix, name) -> {
              boolean whole = !name.contains("*");
              assertTrue(!whole || KNOWN.contains(name), prefix + " has no relative " + name);
            });
  }

  /** To compare a megabyte with every name would take minutes. */
  @Test
  @Timeout(10)
  void aTextIsNoName() {
    assertEquals(Optional.empty(), NearestName.of("resnet50_" + "x".repeat(1 << 20), KNOWN));
  }

  @Test
  void whatCanBeRunHasNoOtherRelative() throws IOException {
    for (String prefix : relatives().keySet()) {
      String first = new TreeSet<>(KNOWN).ceiling(prefix);
      assertTrue(first == null || !first.startsWith(prefix), prefix + " begins " + first);
    }
  }

  @Test
  void theLongestPrefixCounts() {
    assertEquals(Optional.of("resnet101"), NearestName.of("dla101", KNOWN));
    assertEquals(Optional.of("resnext101_32x4d"), NearestName.of("dla102x2", KNOWN));
  }

  @Test
  void theFirstOfEquallyNearNamesIsTaken() {
    assertEquals(Optional.of("net_a"), NearestName.of("net_c", Set.of("net_b", "net_a", "net_d")));
  }

  @Test
  void whatHasNothingToDoWithAnyIsNothing() {
    assertEquals(Optional.empty(), NearestName.of("lenet5", KNOWN));
    assertEquals(Optional.empty(), NearestName.of("", KNOWN));
  }
}
