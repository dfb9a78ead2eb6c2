package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.SyntheticWeights;
import ocellus.models.goldens.TextGoldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SigLIP 2 NaFlex as transformers saves it; see make_siglip2_goldens.py. */
class NaFlexTransformerTest {
  private static void withImages(String name, Consumer<ImageModel> test) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("siglip2/" + name));
        Arena arena = Arena.ofConfined()) {
      var config = (TransformersConfig) checkpoint.config();
      test.accept(VisionTransformer.transformers(config, checkpoint.weights(), Packer.into(arena)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"both_towers", "vision", "classifier"})
  void everyStageEqualsTheReferenceAtEveryAspectRatio(String name) {
    withImages(
        name,
        model -> {
          for (String image : List.of("golden", "other", "trained", "other")) {
            Goldens.of("siglip2/" + name, image).verify(model);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"both_towers", "text"})
  void everyStageOfTextsEqualsTheReference(String name) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("siglip2/" + name));
        Arena arena = Arena.ofConfined()) {
      var config = (TransformersConfig) checkpoint.config();
      TextGoldens.of("siglip2/" + name)
          .verify(TextTowers.transformers(config, checkpoint.weights(), Packer.into(arena)));
    }
  }

  @Test
  void takesWholePatches() {
    withImages(
        "vision",
        model -> {
          assertEquals(20, model.inputHeight());
          assertTrue(model.accepts(4, 400));
          assertFalse(model.accepts(4, 0));
          assertFalse(model.accepts(6, 8));
          assertThrows(
              IllegalArgumentException.class,
              () -> model.features(Tensor.zeros(6, 8, 3), new Workspace()));
          assertEquals(0, model.classCount());
          assertThrows(
              IllegalStateException.class,
              () -> model.logits(Tensor.zeros(model.featureCount()), new Workspace()));
        });
  }

  /** As a batch of them is run. */
  @Test
  void imagesOfDifferentSizesAreNoTrouble() {
    withImages(
        "vision",
        model -> {
          List<Tensor> images =
              List.of(SyntheticWeights.image(8, 36), SyntheticWeights.image(36, 8));
          float[] both = model.features(images, new Workspace()).toArray();
          int count = model.featureCount();
          for (int i = 0; i < 2; i++) {
            float[] alone = model.features(images.get(i), new Workspace()).toArray();
            float[] of = Arrays.copyOfRange(both, i * count, (i + 1) * count);
            assertArrayEquals(alone, of);
          }
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'num_patches': 24 | num_patches is 24, expected the square of a number",
        "'patch_size': 0 | patch_size is 0",
        "'patch_size': 4096 | patch_size is 4096, expected at most 3276",
        "'vision_use_head': false | vision_use_head is false",
        "'hidden_act': 'swish2' | hidden_act is swish2",
        "'architectures': ['SiglipVisionModel'] | architectures is [SiglipVisionModel], expected"
            + " one of [Siglip2VisionModel]"
      })
  void refusesConfigurationsByName(String entry, String part) {
    JsonObject good =
        TimmConfigs.json(
            "{'model_type': 'siglip2_vision_model', 'architectures': ['Siglip2VisionModel'],"
                + " 'num_patches': 25, 'patch_size': 4}");
    JsonObject bad = TimmConfigs.json("{" + entry + "}").withDefaults(good);
    assertRefused(part, () -> new TransformersSiglip(TransformersConfig.of(bad)).config());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'num_patches': 36 | embeddings.position_embedding.weight has shape",
        "'patch_size': 5 | patch_size is 5, expected that of patches of 48 numbers, which ",
      })
  void weightsAreOfTheSizesThatAreSaid(String entry, String part) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("siglip2/vision"));
        Arena arena = Arena.ofConfined()) {
      JsonObject root = ((TransformersConfig) checkpoint.config()).root();
      TransformersConfig other =
          TransformersConfig.of(TimmConfigs.json("{" + entry + "}").withDefaults(root));
      var e =
          assertThrows(
              OcellusException.class,
              () ->
                  VisionTransformer.transformers(other, checkpoint.weights(), Packer.into(arena)));
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }
}
