package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import ocellus.loaders.CheckpointException;
import org.junit.jupiter.api.Test;

class LabelsTest {
  @Test
  void namesOfTheCheckpointComeFirst() {
    assertEquals(List.of("cat", "dog"), Labels.of(List.of("cat", "dog"), 2, "pets"));
  }

  @Test
  void aThousandClassesWithoutNamesAreImageNets() {
    List<String> labels = Labels.of(List.of(), 1000, "vit");
    assertEquals(1000, labels.size());
    assertEquals(1000, new HashSet<>(labels).size());
    assertTrue(labels.stream().noneMatch(l -> l.isBlank() || !l.equals(l.strip())));
    // Spread over the list, so that no line can be missing in between.
    assertEquals("tench", labels.get(0));
    assertEquals("crane bird", labels.get(134));
    assertEquals("tabby cat", labels.get(281));
    assertEquals("construction crane", labels.get(517));
    assertEquals("missile", labels.get(657));
    assertEquals("projectile", labels.get(744));
    assertEquals("toilet paper", labels.get(999));
  }

  @Test
  void otherClassesWithoutNamesAreNumbered() {
    assertEquals(List.of("class 0", "class 1", "class 2"), Labels.of(List.of(), 3, "x"));
  }

  @Test
  void namesThatAreNotOneForEachClassAreRefused() {
    var e =
        assertThrows(
            CheckpointException.class, () -> Labels.of(List.of("cat", "dog"), 1000, "pets"));
    assertEquals(
        "pets: config.json names 2 classes, but the model has 1000; correct or remove the names",
        e.getMessage());
  }
}
