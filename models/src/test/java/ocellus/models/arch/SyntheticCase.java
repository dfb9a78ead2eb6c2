package ocellus.models.arch;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.goldens.AmplifiedWeights;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.SyntheticWeights;

/**
 * A golden folder with a configuration of timm and without weights, which are synthetic.
 *
 * @param tensors what the model is made of
 * @param build the model
 */
record SyntheticCase(Function<TimmConfig, Map<String, Shape>> tensors, Build build) {
  /** {@code timm} of a family. */
  interface Build {
    ImageModel of(TimmConfig config, WeightSource weights, Packer packer);
  }

  /**
   * That the model of a folder computes what its golden has.
   *
   * @param name family and case
   * @param gain of the batch norms
   */
  void verify(String name, float gain) {
    verify(name, AmplifiedWeights.NORMS, gain);
  }

  /**
   * That the model of a folder computes what its golden has.
   *
   * @param name family and case
   * @param amplified the names of the weights that are multiplied
   * @param gain by which
   */
  void verify(String name, Pattern amplified, float gain) {
    Goldens goldens = Goldens.of(name);
    var config = TimmConfig.of(JsonObject.read(Goldens.folder(name).resolve("config.json")));
    var weights =
        new AmplifiedWeights(new SyntheticWeights(tensors.apply(config)), amplified, gain);
    try (Arena arena = Arena.ofConfined()) {
      ImageModel model = build.of(config, weights, Packer.into(arena));
      Tensor given = goldens.input();
      goldens.verify(
          model,
          given != null ? given : SyntheticWeights.image(model.inputHeight(), model.inputWidth()));
    }
  }
}
