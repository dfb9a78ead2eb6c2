package ocellus.models.arch;

import java.util.Set;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.TextModel;

/** The towers that map texts into the space of an image tower. */
public final class TextTowers {
  private static final Set<String> TYPES =
      Set.of(
          "clip",
          "clip_text_model",
          "siglip",
          "siglip_text_model",
          "siglip2",
          "siglip2_text_model");

  private TextTowers() {}

  /** What transformers calls the models that are a text tower or have one. */
  public static Set<String> transformersTypes() {
    return TYPES;
  }

  /**
   * The text tower of a checkpoint that transformers saved, of one of {@link #transformersTypes}.
   *
   * @param weights read as long as the tower is used
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static TextModel transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    TransformersText foreign = new TransformersText(config);
    TextTransformer.Config structure = foreign.config();
    WeightScope w = WeightScope.of(foreign.renamed(weights, structure.depth()), packer);
    TextModel model = new TextTransformer(structure, w);
    foreign.ignoreUnused(w);
    w.verifyAllRead();
    return model;
  }
}
