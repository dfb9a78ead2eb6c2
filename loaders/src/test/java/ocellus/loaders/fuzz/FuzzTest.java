package ocellus.loaders.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damaged files of every kind, for a moment; for as long as one likes with {@code mvn -pl loaders
 * -am verify -Dtest=FuzzTest -Dsurefire.failIfNoSpecifiedTests=false -Docellus.fuzzSeconds=3600
 * -Docellus.fuzzSeed=1}, where the seconds are those of each kind. What goes wrong is written to
 * {@code target/fuzz}.
 */
class FuzzTest {
  private static final int SECONDS = Integer.getInteger("ocellus.fuzzSeconds", 1);
  private static final long SEED = Long.getLong("ocellus.fuzzSeed", 20_260_101);

  @ParameterizedTest
  @EnumSource
  void mutantsAreReadOrRefused(Target target) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(Path.of("target", "fuzz"));
    String result = new Fuzzer(target, SEED, folder).run(SECONDS);
    System.out.println("FuzzTest: " + result);
    // Broken metadata says nothing, so none is refused.
    String refused = target == Target.EXIF ? "0" : "[1-9]\\d*";
    assertTrue(result.matches(".*: [1-9]\\d* read, " + refused + " refused"), result);
  }
}
