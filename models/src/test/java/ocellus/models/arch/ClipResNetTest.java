package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import ocellus.engine.Shape;
import ocellus.engine.WeightException;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.arch.ClipResNet.Config;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import ocellus.models.goldens.TextGoldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CLIP's ResNets; see make_clip_resnet_goldens.py. */
class ClipResNetTest {
  private static final OpenClip.Trunk NO_TRUNK =
      (config, weights, packer) -> {
        throw new AssertionError(config.architecture());
      };

  static Map<String, Shape> tensors(Config config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new ClipResNet(config, WeightScope.listing(listing));
    assertEquals(config.classes(), unused.classCount());
    return listing;
  }

  static Map<String, Shape> tensors(TimmConfig config) {
    return tensors(ClipResNetTimm.config(config));
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    var listings = new LinkedHashMap<>(Listings.of("clip_resnet"));
    listings.keySet().removeIf(name -> name.startsWith("RN"));
    assertEquals(ClipResNet.timmArchitectures(), new TreeSet<>(listings.keySet()));
    listings.forEach(
        (name, expected) -> {
          int classes = name.endsWith("_gap") ? 0 : outputs(expected, "head.proj.bias");
          TimmConfig config = TimmConfigs.of(name, "'num_classes': " + classes);
          Listings.assertSame(name, expected, tensors(config));
        });
  }

  private static int outputs(Map<String, Shape> tensors, String bias) {
    return (int) tensors.get(bias).dim(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "RN50 | 'image_size': 224, 'layers': [3, 4, 6, 3], 'width': 64, 'patch_size': null",
        "RN101 | 'image_size': 224, 'layers': [3, 4, 23, 3], 'width': 64, 'patch_size': null",
        "RN50x4 | 'image_size': 288, 'layers': [4, 6, 10, 6], 'width': 80, 'patch_size': null",
        "RN50x16 | 'image_size': 384, 'layers': [6, 8, 18, 8], 'width': 96, 'patch_size': null",
        "RN50x64 | 'image_size': 448, 'layers': [3, 15, 36, 10], 'width': 128, 'patch_size': null"
      })
  void configurationsHaveTheTensorsOfOpenClip(String name, String vision) {
    Map<String, Shape> expected = Listings.of("clip_resnet").get(name);
    int features = outputs(expected, "attnpool.c_proj.bias");
    Config config = OpenClipResNet.config(TimmConfigs.json("{" + vision + "}"), features);
    WeightSource names = OpenClipResNet.renamed(config, new SyntheticWeights(Map.of()));
    Map<String, Shape> inFile = new LinkedHashMap<>();
    tensors(config).forEach((house, shape) -> inFile.put(names.nameInFile(house), shape));
    Listings.assertSame(name, expected, inFile);
  }

  @ParameterizedTest
  @ValueSource(strings = {"quick_gelu", "odd_maps", "one_pixel"})
  void everyStageEqualsOpenClip(String name) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("clip_resnet/" + name));
        Arena arena = Arena.ofConfined()) {
      var config = (OpenClipConfig) checkpoint.config();
      WeightSource weights = checkpoint.weights();
      ImageModel model = OpenClip.images(config, weights, Packer.into(arena), NO_TRUNK);
      Goldens.of("clip_resnet/" + name).verify(model);
      assertFalse(model.accepts(model.inputHeight() + 32, model.inputWidth() + 32));
      TextGoldens.of("clip_resnet/" + name)
          .verify(OpenClip.texts(config, weights, Packer.into(arena)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"timm", "timm_without_classes", "timm_means", "timm_grey"})
  void computesWhatTimmDoes(String name) {
    new SyntheticCase(ClipResNetTest::tensors, ClipResNet::timm).verify("clip_resnet/" + name, 1);
  }

  @Test
  void withMeansTakesWhatTimmTakes() {
    TimmConfig config = TimmConfigs.of("resnet50_clip_gap", "'num_classes': 0");
    try (Arena arena = Arena.ofConfined()) {
      var weights = new SyntheticWeights(tensors(config));
      ImageModel model = ClipResNet.timm(config, weights, Packer.into(arena));
      assertTrue(model.accepts(31, 256));
      assertTrue(model.accepts(32, 34));
      assertFalse(model.accepts(30, 64));
      assertFalse(model.accepts(64, 40));
    }
  }

  @Test
  void tensorsThatAreNotItsOwnAreNamed() {
    try (var checkpoint = Checkpoint.open(Goldens.folder("clip_resnet/one_pixel"));
        Arena arena = Arena.ofConfined()) {
      JsonObject deeper =
          TimmConfigs.json(
              "{'model_cfg': {'embed_dim': 4, 'text_cfg': {}, 'vision_cfg':"
                  + " {'image_size': 32, 'layers': [1, 1, 1, 2], 'width': 2}}}");
      var e =
          assertThrows(
              WeightException.class,
              () ->
                  OpenClip.images(
                      OpenClipConfig.of(deeper),
                      checkpoint.weights(),
                      Packer.into(arena),
                      NO_TRUNK));
      String part = "tensor visual.layer4.1.bn1.weight is missing";
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'layers': [1, 1, 1] | layers is [1, 1, 1], expected a list of 4 integers",
        "'layers': [1, 1, 1, 1], 'width': 3 | width is 3, expected an even number",
        "'layers': [1, 1, 1, 1], 'width': 2, 'head_width': 24 | head_width is 24, expected a"
            + " divisor of 64",
        "'layers': [1, 1, 1, 1], 'image_size': 31 | image_size is 31, expected 32 or more",
        "'layers': [1, 1, 1, 1], 'image_size': 255 | image_size is 255, expected 32 or more, not 1"
            + " less than a multiple of it",
        "'layers': [1, 1, 1, 1], 'image_size': [32, 64] | image_size",
        "'layers': [1, 1, 1, 1], 'widht': 4 | widht is not an argument"
      })
  void refusesConfigurationsOfOpenClipByName(String vision, String part) {
    assertRefused(
        part, () -> OpenClipResNet.config(TimmConfigs.json("{" + vision + "}"), /* features= */ 4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'global_pool': 'avg' | global_pool is \"avg\", expected token, or an architecture in _gap",
        "'img_size': [64, 96] | images of 64 x 96 pixels",
        "'img_size': 63 | images of 63 x 63 pixels",
        "'act_layer': 'silu' | model_args.act_layer is not supported for resnet50_clip",
        "'head_type': null | model_args.head_type"
      })
  void refusesArgumentsOfTimmByName(String args, String part) {
    assertRefused(part, () -> ClipResNetTimm.config(TimmConfigs.of("resnet50_clip", args)));
  }

  @Test
  void publishedSizesAreTheDefaults() {
    TimmConfig config =
        TimmConfig.of(TimmConfigs.json("{'architecture': 'resnet50x64_clip.openai'}"));
    assertEquals(448, ClipResNetTimm.config(config).input().height());
    assertThrows(
        CheckpointException.class,
        () ->
            ClipResNetTimm.config(
                TimmConfig.of(
                    TimmConfigs.json(
                        "{'architecture': 'resnet50_clip', 'input_size': [3, 100, 100]}"))));
  }
}
