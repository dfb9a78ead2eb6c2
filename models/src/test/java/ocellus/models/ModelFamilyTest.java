package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import ocellus.engine.OcellusException;
import ocellus.engine.WeightException;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFamilyTest {
  /** Names that timm has given up for others, with which the same networks are listed. */
  private static final Pattern GIVEN_UP =
      Pattern.compile(
          "(adv|gluon|ig|ssl|swsl|tv)_.*|tf_inception_v3|seresnext26tn_32x4d|regnetz_040h");

  @TempDir Path folder;

  private static KnownModel model(String architecture) {
    return ModelFamily.all().stream()
        .flatMap(family -> family.models().stream())
        .filter(m -> m.architecture().equals(architecture))
        .findFirst()
        .orElseThrow();
  }

  /** Parameters and multiply-adds as the papers' tables have them, rounded as there. */
  @Test
  void figuresAreThoseOfThePapers() {
    KnownModel vit = model("vit_base_patch16_224");
    assertEquals(86, vit.parameters() / 1_000_000);
    assertEquals(17, vit.multiplyAdds() / 1_000_000_000);
    KnownModel mobile = model("mobilenetv2_100");
    assertEquals(3.5, Math.rint(mobile.parameters() / 1e5) / 10);
    assertEquals(301, Math.rint(mobile.multiplyAdds() / 1e6));
    assertEquals(224, mobile.height());
    assertEquals(3, mobile.channels());
  }

  /**
   * Whatever the catalog knows by name is on the list, or is refused for its configuration: what is
   * on the list gets as far as to miss its weights.
   */
  @Test
  void listsWhatCanBeRunAndNothingElse() throws IOException {
    byte[] noTensors = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    Files.write(folder.resolve("model.safetensors"), noTensors);
    Set<String> runnable = new TreeSet<>();
    for (String architecture : ModelCatalog.architectures()) {
      if (misses(architecture) && !GIVEN_UP.matcher(architecture).matches()) {
        runnable.add(architecture);
      }
    }
    Set<String> listed = new TreeSet<>();
    ModelFamily.all().forEach(f -> f.models().forEach(m -> listed.add(m.architecture())));
    assertEquals(runnable, listed);
    assertTrue(listed.size() > 200);
  }

  /** Whether a checkpoint of this architecture, without tensors, is refused for these alone. */
  private boolean misses(String architecture) throws IOException {
    Files.writeString(
        folder.resolve("config.json"), "{\"architecture\": \"" + architecture + "\"}");
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        Arena arena = Arena.ofConfined()) {
      var e =
          assertThrows(
              OcellusException.class,
              () -> ModelCatalog.build(checkpoint, Packer.into(arena)),
              architecture);
      return e instanceof WeightException;
    }
  }
}
