package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import ocellus.engine.OcellusException;
import ocellus.engine.kernels.WeightFormat;
import ocellus.engine.threads.Threads;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadOptionsTest {
  @AfterEach
  void clearProperty() {
    System.clearProperty(LoadOptions.THREADS_PROPERTY);
  }

  @Test
  void aThreadForEachProcessorUnlessThePropertySaysOtherwise() {
    assertEquals(Threads.available(), LoadOptions.defaults().threads());
    System.setProperty(LoadOptions.THREADS_PROPERTY, "7");
    assertEquals(7, LoadOptions.defaults().threads());
    assertEquals(3, LoadOptions.defaults().withThreads(3).threads());
  }

  @Test
  void weightsAreAsStoredUnlessAFormatIsNamed() {
    LoadOptions options = LoadOptions.defaults();
    assertEquals(Optional.empty(), options.weights());
    LoadOptions rounded = options.withWeights(WeightFormat.BF16).withThreads(2);
    assertEquals(new LoadOptions(2, Optional.of(WeightFormat.BF16)), rounded);
  }

  @Test
  void aPropertyThatIsNoNumberOfThreadsIsRefused() {
    for (String value : new String[] {"0", "-2", "4097", "many", ""}) {
      System.setProperty(LoadOptions.THREADS_PROPERTY, value);
      var e = assertThrows(OcellusException.class, LoadOptions::defaults);
      assertEquals(
          "property ocellus.threads is '" + value + "', expected 1 to 4096", e.getMessage());
    }
  }

  @Test
  void thereIsAtLeastOneThreadAndNotAnyNumber() {
    assertThrows(IllegalArgumentException.class, () -> LoadOptions.defaults().withThreads(0));
    assertThrows(IllegalArgumentException.class, () -> LoadOptions.defaults().withThreads(4097));
  }
}
