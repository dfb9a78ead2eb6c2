package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small checkpoints of DINOv2 with a linear classifier; see make_dinov2_goldens.py. */
class Dinov2ClassifierTest {
  private static final Map<String, Map<String, Shape>> LISTINGS = Listings.of("dinov2");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "four_layers",
        "four_layers_trained_size",
        "one_layer",
        "registers",
        "gated_registers",
        "gated"
      })
  void everyStageEqualsTheReference(String name) {
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.folder("dinov2/" + name));
        Arena arena = Arena.ofConfined()) {
      Goldens.of("dinov2/" + name).verify(load(checkpoint, checkpoint.weights(), arena));
    }
  }

  private static ImageModel load(Checkpoint checkpoint, WeightSource weights, Arena arena) {
    TimmConfig config = (TimmConfig) checkpoint.config();
    return Dinov2Classifier.timm(config, weights, Packer.into(arena));
  }

  @Test
  void someImagesAtOnceGetTheBitsOfEach() {
    Tensor image = Goldens.of("dinov2/registers").input();
    Tensor other = Tensor.of(image.toArray(), image.dim(0), image.dim(1), image.dim(2));
    Arrays.fill(other.data(), 0, other.size() / 2, 0.25f);
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.folder("dinov2/registers"));
        Arena arena = Arena.ofConfined()) {
      ImageModel model = load(checkpoint, checkpoint.weights(), arena);
      Workspace ws = new Workspace();
      float[] both = model.features(List.of(image, other), ws).toArray();
      int length = model.featureCount();
      assertEquals(5 * 8, length); // four class tokens and the mean
      assertArrayEquals(model.features(image, ws).toArray(), Arrays.copyOf(both, length));
      assertArrayEquals(
          model.features(other, ws).toArray(), Arrays.copyOfRange(both, length, 2 * length));
    }
  }

  static Set<String> architectures() {
    return Dinov2Classifier.timmArchitectures();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void isMadeOfTheTensorsOfTorchHub(String architecture) {
    var weights = new SyntheticWeights(LISTINGS.get(architecture));
    TimmConfig config = TimmConfigs.of(architecture);
    ImageModel model = Dinov2Classifier.timm(config, weights, Packer.measuring(null));
    assertEquals(1000, model.classCount());
    assertEquals(224, model.inputHeight());
  }

  @Test
  void everyFunctionOfTorchHubIsThere() {
    assertEquals(LISTINGS.keySet(), architectures());
  }

  @ParameterizedTest
  @CsvSource({
    "backbone.norm.bias, MISSING",
    "backbone.blocks.3.mlp.fc1.weight, MISSING",
    "backbone.reg_token, UNEXPECTED",
    "backbone.head.weight, UNEXPECTED",
    "head.weight, UNEXPECTED",
    "backbone.pos_embed, MISSHAPEN",
    "linear_head.weight, MISSHAPEN",
  })
  void tensorsAreStrictAndNamedAsInTheFile(String tensor, Defect defect) {
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.folder("dinov2/four_layers"));
        Arena arena = Arena.ofConfined()) {
      Map<String, Shape> tensors = new LinkedHashMap<>();
      WeightSource file = checkpoint.weights();
      file.names().forEach(name -> tensors.put(name, file.shape(name)));
      if (defect == Defect.MISSING) {
        assertTrue(tensors.remove(tensor) != null);
      } else {
        tensors.put(tensor, Shape.of(1, 17, 8)); // positions of 4 x 4 patches, a square too
      }
      WeightSource weights = new SyntheticWeights(tensors);
      var e = assertThrows(WeightException.class, () -> load(checkpoint, weights, arena));
      assertEquals(defect, e.defect());
      assertTrue(e.getMessage().contains("tensor " + tensor + " "), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'layers': 2                   | model_args.layers is 2, expected 1 or 4
          'depth': 3                    | model_args.depth is 3, expected at least the 4 layers
          'block_chunks': 4             | model_args.block_chunks is 4, expected 0
          'ffn_layer': 'identity'       | model_args.ffn_layer is identity, expected mlp, swiglu
          'interpolate_offset': 0.5     | model_args.interpolate_offset is 0.5, expected 0 or 0.1
          'interpolate_antialias': true | interpolate_offset is 0.1, expected 0 with interpolate
          'patch_size': 15              | images are of 224 x 224, expected multiples of
          'patch_size': 0               | the sizes of Input[
          'num_register_tokens': -1     | the number of registers of Tokens[
          'init_values': null           | model_args.init_values is null, expected a value
          'proj_bias': false            | model_args.proj_bias is not supported
          """)
  void badArgumentsAreNamed(String arguments, String part) {
    TimmConfig config = TimmConfigs.of("dinov2_vits14_lc", arguments);
    WeightSource weights = new SyntheticWeights(LISTINGS.get("dinov2_vits14_lc"));
    TimmConfigs.assertRefused(
        part, () -> Dinov2Classifier.timm(config, weights, Packer.measuring(null)));
  }

  @Test
  void whatIsForTrainingIsIgnored() {
    String arguments = "'pretrained': false, 'weights': 'IMAGENET1K', 'drop_path_rate': 0.3";
    TimmConfig config = TimmConfigs.of("dinov2_vits14_reg_lc", arguments);
    WeightSource weights = new SyntheticWeights(LISTINGS.get("dinov2_vits14_reg_lc"));
    assertEquals(
        5 * 384, Dinov2Classifier.timm(config, weights, Packer.measuring(null)).featureCount());
  }
}
