package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.LayerNorm;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Mlp;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.QkvProjection;
import ocellus.engine.layers.RelativePositionBias;
import ocellus.engine.layers.SelfAttention;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;
import ocellus.models.arch.PositionEmbedding.Grid;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Tokens;

/**
 * "BEiT: BERT Pre-Training of Image Transformers", Bao et al. 2021, and BEiT v2, Peng et al. 2022:
 * a vision transformer with relative position biases, and without a bias of keys. Follows timm's
 * {@code Beit} and transformers' {@code BeitModel}. Images have the size, and their patches form
 * the square, that it was trained with.
 */
public final class Beit {
  /**
   * What a model looks like.
   *
   * @param depth the number of blocks
   * @param patchPool what makes one vector of the patches; null for the class token
   * @param poolNorm whether the last norm is of what was pooled rather than of the tokens
   * @param classes 0 for no classification head
   */
  record Config(
      Input input,
      Tokens tokens,
      Layer layer,
      int depth,
      GlobalPool patchPool,
      boolean poolNorm,
      int classes) {
    private static final int MOST_BLOCKS = 1 << 10;

    /**
     * This, if it makes sense and an array can hold each of its activations.
     *
     * @param source what messages call the configuration
     * @throws CheckpointException if not
     */
    Config checked(String source) {
      Layer l = layer;
      require(l.dim > 0 && l.hidden > 0, source, "widths of", l);
      require(l.heads > 0 && l.dim % l.heads == 0, source, "number of heads of", l);
      require(l.epsilon > 0, source, "epsilon of", l);
      require(depth >= 0 && depth <= MOST_BLOCKS, source, "number of blocks", depth);
      require(classes >= 0, source, "number of classes", classes);
      require(input.isSound(), source, "sizes of", input);
      Grid grid = input.grid();
      require(grid.rows() == grid.columns(), source, "patches, which are no square,", grid);
      long biases = l.bias == Bias.NONE ? 0 : 2L * l.heads * grid.rows() * grid.size();
      long largest = Math.max(grid.size() * Math.max(3L * l.dim, l.hidden), biases);
      require(largest < Integer.MAX_VALUE, source, "patches, more than fit an array,", grid);
      return this;
    }

    private static void require(boolean holds, String source, String what, Object value) {
      if (!holds) {
        throw new CheckpointException(source + ": no BEiT can have the " + what + " " + value);
      }
    }
  }

  /**
   * One block.
   *
   * @param hidden channels within the MLP
   * @param qkvBias whether queries and values have a bias
   * @param layerScale whether the branches are scaled per channel
   */
  record Layer(
      int dim,
      int heads,
      int hidden,
      boolean qkvBias,
      Bias bias,
      Activation activation,
      double epsilon,
      boolean layerScale) {}

  /** Which relative position biases there are. */
  enum Bias {
    NONE,
    OF_EACH_BLOCK,
    SHARED
  }

  private Beit() {}

  /**
   * The model of a checkpoint that timm saved.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static ImageModel timm(TimmConfig config, WeightSource weights, Packer packer) {
    WeightScope w = WeightScope.of(weights, packer);
    ImageModel model = build(TimmBeit.config(config), w);
    ignoreIndices(w);
    w.verifyAllRead();
    return model;
  }

  /** The names of timm's architectures of this family. */
  public static Set<String> timmArchitectures() {
    return TimmBeit.architectures();
  }

  /**
   * The model of a checkpoint that transformers saved: {@code BeitForImageClassification} or {@code
   * BeitModel}, whose features are its {@code pooler_output}.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static ImageModel transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    Config structure = TransformersBeit.config(config);
    WeightScope w = WeightScope.of(TransformersBeit.renamed(weights, structure), packer);
    ImageModel model = build(structure, w);
    TransformersBeit.ignoreUnused(w);
    ignoreIndices(w);
    w.verifyAllRead();
    return model;
  }

  /**
   * Older checkpoints have the indices of the biases of all pairs of tokens, which are computed.
   */
  private static void ignoreIndices(WeightScope w) {
    w.ignore(name -> name.endsWith("relative_position_index"));
  }

  /** The network with the weights of the scope, in timm's names. */
  static ImageModel build(Config config, WeightScope w) {
    Layer l = config.layer;
    var embedding = new TokenEmbedding(config.input, config.tokens, l.dim, w);
    Grid grid = config.input.grid();
    AttentionBias shared = l.bias == Bias.SHARED ? bias(w.in("rel_pos_bias"), l, grid) : null;
    List<TransformerBlock> blocks = new ArrayList<>();
    for (int i = 0; i < config.depth; i++) {
      blocks.add(block(l, grid, shared, w.in("blocks", i)));
    }
    Norm norm = config.poolNorm ? null : norm(l, w.in("norm"));
    Norm poolNorm = config.poolNorm ? norm(l, w.in("fc_norm")) : null;
    TokenPool pool =
        config.patchPool == null
            ? new TokenPool.ClassToken()
            : new TokenPool.Pooled(config.patchPool, config.tokens.prefix());
    Linear head = config.classes == 0 ? null : new Linear(w.in("head"), l.dim, config.classes);
    return new TransformerNetwork(
        new TransformerNetwork.Parts(embedding, null, blocks, norm, pool, poolNorm, head));
  }

  private static Norm norm(Layer l, WeightScope w) {
    return new LayerNorm(w, l.dim, l.epsilon);
  }

  private static TransformerBlock block(Layer l, Grid grid, AttentionBias shared, WeightScope w) {
    float[] scale1 = l.layerScale ? w.tensor("gamma_1", l.dim).toArray() : null;
    float[] scale2 = l.layerScale ? w.tensor("gamma_2", l.dim).toArray() : null;
    WeightScope attn = w.in("attn");
    QkvProjection qkv =
        l.qkvBias
            ? QkvProjection.jointWithoutKeyBias(attn, l.dim)
            : QkvProjection.joint(attn, l.dim, false);
    AttentionBias bias = l.bias == Bias.OF_EACH_BLOCK ? bias(attn, l, grid) : shared;
    Linear proj = SelfAttention.output(attn, l.dim, true, scale1);
    return new PreNormBlock(
        norm(l, w.in("norm1")),
        new SelfAttention(new SelfAttention.Parts(qkv.pack(), null, bias, null, proj), l.heads),
        norm(l, w.in("norm2")),
        new Mlp(w.in("mlp"), l.dim, l.hidden, l.activation, scale2));
  }

  private static AttentionBias bias(WeightScope w, Layer l, Grid grid) {
    int rows = RelativePositionBias.distances(grid.rows(), grid.columns()) + 3;
    float[] table = w.tensor("relative_position_bias_table", rows, l.heads).toArray();
    return RelativePositionBias.ofClassAndGrid(table, l.heads, grid.rows(), grid.columns());
  }
}
