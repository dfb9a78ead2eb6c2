package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import ocellus.engine.WeightSource;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.ModelConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;
import ocellus.models.goldens.Goldens;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small checkpoints as timm and transformers save them; see make_vit_goldens.py. */
class VisionTransformerTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "class_token",
        "average_pool",
        "no_qkv_bias",
        "registers",
        "pre_norm",
        "gap",
        "unusual",
        "no_positions",
        "resampled",
        "flexible",
        "dynamic",
        "transformers",
        "transformers_new_names",
        "transformers_bare",
      })
  void computesWhatTheReferenceDoes(String name) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("vit/" + name));
        Arena arena = Arena.ofConfined()) {
      Goldens goldens = Goldens.of("vit/" + name);
      ImageModel model = load(checkpoint.config(), checkpoint.weights(), arena);
      assertEquals(goldens.input().dim(0), model.inputHeight());
      assertEquals(goldens.input().dim(1), model.inputWidth());
      goldens.verify(model);
    }
  }

  private static ImageModel load(ModelConfig config, WeightSource weights, Arena arena) {
    return switch (config) {
      case TimmConfig timm -> VisionTransformer.timm(timm, weights, arena);
      case TransformersConfig transformers ->
          VisionTransformer.transformers(transformers, weights, arena);
    };
  }
}
