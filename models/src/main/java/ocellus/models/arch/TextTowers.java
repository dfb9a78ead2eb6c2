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
  private static final Set<String> ALONE = Set.of("clip_text_model", "siglip_text_model");
  private static final Set<String> WITH_IMAGES = Set.of("clip", "siglip");

  private TextTowers() {}

  /** What transformers calls the text towers that are saved on their own. */
  public static Set<String> transformersTypesAlone() {
    return ALONE;
  }

  /** What transformers calls the models of which one half is a text tower. */
  public static Set<String> transformersTypesWithImages() {
    return WITH_IMAGES;
  }

  /**
   * The text tower of a checkpoint that transformers saved, of one of these types.
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
