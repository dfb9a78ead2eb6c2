package ocellus.models.arch;

import java.lang.foreign.Arena;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;
import ocellus.models.goldens.Goldens;

/** A golden folder with a configuration of transformers and weights. */
final class StoredCase {
  /** {@code transformers} of a family. */
  interface Build {
    ImageModel of(TransformersConfig config, WeightSource weights, Packer packer);
  }

  private StoredCase() {}

  /**
   * That the model of a folder computes what its golden has.
   *
   * @param name family and case
   */
  static void verify(String name, Build build) {
    try (Arena arena = Arena.ofConfined();
        Checkpoint checkpoint = Checkpoint.open(Goldens.folder(name))) {
      var config = (TransformersConfig) checkpoint.config();
      Goldens.of(name).verify(build.of(config, checkpoint.weights(), Packer.into(arena)));
    }
  }
}
