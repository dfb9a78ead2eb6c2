package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.AttentionPool;
import ocellus.engine.layers.Branch;
import ocellus.engine.layers.GatedMlp;
import ocellus.engine.layers.LayerNorm;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Mlp;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.QkvProjection;
import ocellus.engine.layers.QueryKeys;
import ocellus.engine.layers.RotaryEmbedding;
import ocellus.engine.layers.SelfAttention;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Tokens;

/**
 * Vision transformers with rotary position embeddings: "EVA-02: A Visual Representation for Neon
 * Genesis", Fang et al. 2023, with gated MLPs that have a norm within; DINOv3, Siméoni et al. 2025;
 * the Perception Encoder, Bolya et al. 2025; and EVA (Fang et al. 2022), which has none. Follows
 * timm's {@code Eva} and transformers' {@code DINOv3ViTModel}.
 */
public final class Eva {
  /**
   * What a model looks like.
   *
   * @param rotations null for none
   * @param preNorm whether a norm precedes the blocks
   * @param depth the number of blocks
   */
  record Config(
      Input input,
      Tokens tokens,
      Rotations rotations,
      boolean preNorm,
      Layer layer,
      int depth,
      Head head) {
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
      boolean turns = rotations == null || l.dim / l.heads % 4 == 0;
      require(turns, source, "heads, whose width is no multiple of 4, of", l);
      require(l.epsilon > 0, source, "epsilon of", l);
      require(depth >= 0 && depth <= MOST_BLOCKS, source, "number of blocks", depth);
      require(tokens.registers() >= 0, source, "number of registers of", tokens);
      require(head.classes >= 0, source, "number of classes of", head);
      boolean pools = head.poolHeads > 0 && l.dim % head.poolHeads == 0 && head.poolHidden > 0;
      require(head.pool != Pooling.ATTENTION || pools, source, "attention pooling of", head);
      require(input.isSound(), source, "sizes of", input);
      long patches = Math.max(input.grid().size(), input.trainedGrid().size());
      long widest = Math.max(3L * l.dim, 2L * l.hidden);
      boolean fits = patches + tokens.registers() < Integer.MAX_VALUE / widest;
      require(fits, source, "number of patches, more than fits an array,", patches);
      return this;
    }

    private static void require(boolean holds, String source, String what, Object value) {
      if (!holds) {
        throw new CheckpointException(source + ": no EVA can have the " + what + " " + value);
      }
    }
  }

  /**
   * One block.
   *
   * @param hidden channels within the MLP, behind the gate if there is one
   * @param attentionNorm whether what was heard is normalised
   * @param bias whether the linear maps other than to queries, keys and values have a bias
   * @param layerScale whether the branches are scaled per channel
   * @param postNorm whether norms are at the end of the branches
   */
  record Layer(
      int dim,
      int heads,
      int hidden,
      Qkv qkv,
      boolean attentionNorm,
      MlpKind mlp,
      Activation activation,
      boolean bias,
      double epsilon,
      boolean layerScale,
      boolean postNorm) {}

  /**
   * Queries, keys and values.
   *
   * @param separate whether they are three layers
   */
  record Qkv(boolean separate, boolean queryBias, boolean keyBias, boolean valueBias) {
    /** Whether all have biases or none. */
    boolean isUniform() {
      return queryBias == keyBias && keyBias == valueBias;
    }
  }

  /** What a block does to each token by itself. */
  enum MlpKind {
    PLAIN,
    /** Gate and the rest are one layer. */
    GATED,
    GATED_SEPARATE,
    /** With a norm behind the gate. */
    GATED_SEPARATE_NORM
  }

  /** What the head sees. */
  enum Pooling {
    CLASS_TOKEN,
    PATCHES,
    /** What a learned query makes of all tokens. */
    ATTENTION
  }

  /**
   * From tokens to classes.
   *
   * @param patchPool what makes one vector of the patches; null unless the pooling is of them
   * @param poolHeads of attention pooling, with {@code poolHidden} channels within its MLP
   * @param norm whether a norm precedes the pooling
   * @param poolNorm whether one follows it
   * @param classes 0 for no classification head
   */
  record Head(
      Pooling pool,
      GlobalPool patchPool,
      int poolHeads,
      int poolHidden,
      boolean norm,
      boolean poolNorm,
      int classes) {}

  private Eva() {}

  /**
   * The model of a checkpoint that timm saved, or with timm's configuration and the tensors of
   * EVA-02's or DINOv3's own code.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static ImageModel timm(TimmConfig config, WeightSource weights, Packer packer) {
    Config structure = TimmEva.config(config);
    WeightScope w = WeightScope.of(OriginalEva.renamed(weights, structure), packer);
    ImageModel model = build(structure, w);
    OriginalEva.ignoreUnused(w, weights, structure);
    w.verifyAllRead();
    return model;
  }

  /** The names of timm's architectures of this family. */
  public static Set<String> timmArchitectures() {
    return TimmEva.architectures();
  }

  /**
   * The model of a checkpoint that transformers saved: {@code DINOv3ViTModel}, whose features are
   * the class token after the last norm.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static ImageModel transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    Config structure = TransformersDinov3.config(config);
    WeightScope w = WeightScope.of(TransformersDinov3.renamed(weights, structure), packer);
    ImageModel model = build(structure, w);
    TransformersDinov3.ignoreUnused(w, structure);
    w.verifyAllRead();
    return model;
  }

  /** The network with the weights of the scope, in timm's names. */
  static ImageModel build(Config config, WeightScope w) {
    Layer layer = config.layer;
    int dim = layer.dim;
    var embedding = new TokenEmbedding(config.input, config.tokens, dim, w);
    QueryKeys rotation = rotation(config);
    List<TransformerBlock> blocks = new ArrayList<>();
    for (int i = 0; i < config.depth; i++) {
      WeightScope scope = w.in("blocks", i);
      blocks.add(
          layer.postNorm ? postNorm(config, rotation, scope) : preNorm(config, rotation, scope));
    }
    Head h = config.head;
    Norm normPre = config.preNorm ? norm(layer, w.in("norm_pre")) : null;
    Norm norm = h.norm ? norm(layer, w.in("norm")) : null;
    Norm poolNorm = h.poolNorm ? norm(layer, w.in("fc_norm")) : null;
    Linear head = h.classes == 0 ? null : new Linear(w.in("head"), dim, h.classes);
    return new TransformerNetwork(
        new TransformerNetwork.Parts(
            embedding, normPre, blocks, norm, pool(config, w), poolNorm, head));
  }

  private static Norm norm(Layer l, WeightScope w) {
    return new LayerNorm(w, l.dim, l.epsilon);
  }

  /** The same in all blocks; null for none. */
  private static QueryKeys rotation(Config config) {
    if (config.rotations == null) {
      return null;
    }
    Layer l = config.layer;
    double[] angles = config.rotations.angles(config.input.grid(), l.dim / l.heads);
    return new RotaryEmbedding(config.tokens.prefix(), l.heads, angles);
  }

  private static TransformerBlock preNorm(Config config, QueryKeys rotation, WeightScope w) {
    Layer l = config.layer;
    float[] scale1 = l.layerScale ? w.tensor("gamma_1", l.dim).toArray() : null;
    float[] scale2 = l.layerScale ? w.tensor("gamma_2", l.dim).toArray() : null;
    return new PreNormBlock(
        norm(l, w.in("norm1")),
        attention(config, rotation, w.in("attn"), scale1),
        norm(l, w.in("norm2")),
        mlp(l, w.in("mlp"), scale2));
  }

  private static TransformerBlock postNorm(Config config, QueryKeys rotation, WeightScope w) {
    Layer l = config.layer;
    return new PostNormBlock(
        attention(config, rotation, w.in("attn"), null),
        norm(l, w.in("norm1")),
        mlp(l, w.in("mlp"), null),
        norm(l, w.in("norm2")));
  }

  private static SelfAttention attention(
      Config config, QueryKeys rotation, WeightScope w, float[] scale) {
    Layer l = config.layer;
    QkvProjection projection = projection(l, w);
    boolean neighbours = config.rotations != null && config.rotations.ofNeighbours();
    Linear qkv = neighbours ? projection.packEvenBeforeOdd(l.heads) : projection.pack();
    Norm norm = l.attentionNorm ? norm(l, w.in("norm")) : null;
    Linear proj = SelfAttention.output(w, l.dim, l.bias, scale);
    return new SelfAttention(new SelfAttention.Parts(qkv, rotation, null, norm, proj), l.heads);
  }

  private static QkvProjection projection(Layer l, WeightScope w) {
    Qkv q = l.qkv;
    if (q.separate) {
      return QkvProjection.separate(w, l.dim, q.queryBias, q.keyBias, q.valueBias);
    }
    return q.isUniform()
        ? QkvProjection.joint(w, l.dim, q.queryBias)
        : QkvProjection.jointWithoutKeyBias(w, l.dim);
  }

  private static Branch mlp(Layer l, WeightScope w, float[] scale) {
    Activation gate = l.activation;
    return switch (l.mlp) {
      case PLAIN -> new Mlp(w, l.dim, l.hidden, l.bias, l.activation, null, scale);
      case GATED -> GatedMlp.packed(w, l.dim, l.hidden, l.bias, gate, scale);
      case GATED_SEPARATE -> GatedMlp.separate(w, l.dim, l.hidden, l.bias, gate, null, scale);
      case GATED_SEPARATE_NORM -> {
        Norm norm = new LayerNorm(w.in("norm"), l.hidden, l.epsilon);
        yield GatedMlp.separate(w, l.dim, l.hidden, l.bias, gate, norm, scale);
      }
    };
  }

  private static TokenPool pool(Config config, WeightScope w) {
    Head h = config.head;
    Layer l = config.layer;
    return switch (h.pool) {
      case CLASS_TOKEN -> new TokenPool.ClassToken();
      case PATCHES -> new TokenPool.Pooled(h.patchPool, config.tokens.prefix());
      case ATTENTION ->
          new TokenPool.Attended(
              new AttentionPool(
                  w.in("attn_pool"),
                  l.dim,
                  h.poolHeads,
                  h.poolHidden,
                  Activation.GELU,
                  Norm.Kind.LAYER,
                  l.epsilon),
              0);
    };
  }
}
