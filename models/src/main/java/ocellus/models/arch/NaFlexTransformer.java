package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.PatchEmbed;
import ocellus.models.ImageModel;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.PositionEmbedding.Grid;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.VisionTransformer.Layer;

/**
 * A transformer over the patches of images of any size and aspect ratio: SigLIP 2 NaFlex, "SigLIP
 * 2: Multilingual Vision-Language Encoders", Tschannen et al. 2025, 2.4.2. The positions are
 * resampled for the grid of each image.
 *
 * <p>The references pad a batch to as many patches and mask the padding, which then has no effect
 * on the rest; here there is none. Immutable, thread-safe.
 */
final class NaFlexTransformer implements ImageModel {
  /**
   * What it is made of.
   *
   * @param positions of a grid, {@code [rows, columns, dim]}
   * @param filter that resamples them
   * @param head null for none
   */
  private record Parts(
      PatchEmbed patchEmbed,
      Tensor positions,
      Filter filter,
      List<TransformerBlock> blocks,
      Norm norm,
      TokenPool pool,
      Linear head) {}

  private final Parts parts;
  private final TransformerBlock[] blocks;
  private final int patch;
  private final int channels;
  private final int dim;

  private NaFlexTransformer(Parts parts, int patch, int channels) {
    this.parts = parts;
    this.blocks = parts.blocks.toArray(TransformerBlock[]::new);
    this.patch = patch;
    this.channels = channels;
    this.dim = parts.positions.channels();
  }

  /**
   * The network with the weights of the scope, in timm's names.
   *
   * @param config whose images are those that the positions are for
   */
  static NaFlexTransformer build(VisionTransformer.Config config, WeightScope w) {
    Layer layer = config.layer();
    int dim = layer.dim();
    Input input = config.input();
    Grid grid = input.grid();
    var patchEmbed =
        new PatchEmbed(w.in("patch_embed"), input.channels(), input.patch(), dim, /* bias= */ true);
    float[] table = w.tensor("pos_embed", 1, grid.cells(), dim).toArray();
    List<TransformerBlock> blocks = new ArrayList<>();
    for (int i = 0; i < config.depth(); i++) {
      blocks.add(ViTBlocks.build(layer, w.in("blocks", i)));
    }
    Norm norm = layer.norms().of(w.in("norm"), dim);
    int classes = config.head().classes();
    Parts parts =
        new Parts(
            patchEmbed,
            Tensor.of(table, grid.rows(), grid.columns(), dim),
            config.tokens().filter(),
            blocks,
            norm,
            VisionTransformer.pool(config, w),
            classes == 0 ? null : new Linear(w.in("head"), dim, classes));
    return new NaFlexTransformer(parts, input.patch(), input.channels());
  }

  /** Positions for a grid, from the workspace unless they are stored. */
  private Tensor positions(int rows, int columns, Workspace ws) {
    Tensor stored = parts.positions;
    if (stored.dim(0) == rows && stored.dim(1) == columns) {
      return stored;
    }
    Tensor resampled = ws.tensor(rows, columns, dim);
    PositionEmbedding.resample(stored, resampled, parts.filter, ws);
    return resampled;
  }

  @Override
  public int inputHeight() {
    return parts.positions.dim(0) * patch;
  }

  @Override
  public int inputWidth() {
    return parts.positions.dim(1) * patch;
  }

  /** Whole patches; how many, is up to who prepares the images. */
  @Override
  public boolean accepts(int height, int width) {
    return Math.min(height, width) > 0 && height % patch == 0 && width % patch == 0;
  }

  @Override
  public int inputChannels() {
    return channels;
  }

  @Override
  public int featureCount() {
    return parts.pool.features(dim);
  }

  @Override
  public int classCount() {
    return parts.head == null ? 0 : parts.head.outFeatures();
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    if (!accepts(image.dim(0), image.dim(1))) {
      throw new IllegalArgumentException(
          "an image of %s, where whole patches of %d x %d pixels are expected"
              .formatted(image.shape(), patch, patch));
    }
    Tensor y = ws.tensor(featureCount());
    Mark mark = ws.mark();
    int rows = image.dim(0) / patch;
    int columns = image.dim(1) / patch;
    Tensor map = ws.tensor(rows, columns, dim);
    Mark embedding = ws.mark();
    Tensor positions = positions(rows, columns, ws);
    parts.patchEmbed.forward(image, positions, map, ws); // x = patches E + positions
    ws.release(embedding);
    Tensor x = ws.view(map, 0, rows * columns, dim);
    ws.stage("embed", x);
    for (int i = 0; i < blocks.length; i++) {
      blocks[i].forward(x, 1, ws); // x = block_i(x)                      [tokens, dim]
      ws.stage("blocks", i, x);
    }
    parts.norm.forward(x, x, ws); // x = norm(x)                          [tokens, dim]
    ws.stage("norm", x);
    parts.pool.forward(x, y, ws); // f = pool(x)                          [features]
    ws.release(mark);
    return y;
  }

  @Override
  public Tensor logits(Tensor features, Workspace ws) {
    if (parts.head == null) {
      throw new IllegalStateException("this model has no classification head");
    }
    return parts.head.forward(features, ws); // y = f W^T + b                   [classes]
  }
}
