package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.WeightFormat;
import ocellus.engine.layers.AttentionPool;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Norm;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Tokens;

/**
 * Vision Transformer, "An Image is Worth 16x16 Words", Dosovitskiy et al. 2020, with what its
 * successors changed: a distillation token (DeiT, Touvron et al. 2021), layer scale (CaiT,
 * DeiT-III, DINOv2), gated MLPs (DINOv2's giant), register tokens ("Vision Transformers Need
 * Registers", Darcet et al. 2023), a norm before the blocks (CLIP), attention pooling (SigLIP),
 * average pooling and a norm after it; normalised queries and keys and other norms (ViT-22B,
 * InternViT, AIMv2, BEiT-3), and branches side by side. Follows timm's {@code VisionTransformer}
 * and {@code VisionTransformerDistilled}, but for differential attention.
 */
public final class VisionTransformer {
  /**
   * What a model looks like.
   *
   * @param preNorm whether a norm precedes the blocks
   * @param depth the number of blocks
   */
  record Config(Input input, Tokens tokens, boolean preNorm, Layer layer, int depth, Head head) {
    private static final int MOST_BLOCKS = 1 << 10;

    /**
     * This, if it makes sense and an array can hold each of its activations.
     *
     * @param source what messages call the configuration
     * @throws CheckpointException if not
     */
    Config checked(String source) {
      Layer l = layer;
      boolean divides = l.heads > 0 && l.dim % l.heads == 0;
      require(l.dim > 0 && l.hidden > 0, source, "widths of", l);
      require(divides, source, "number of heads of", l);
      require(l.norms.epsilon > 0, source, "epsilon of", l);
      require(depth >= 0 && depth <= MOST_BLOCKS, source, "number of blocks", depth);
      require(tokens.registers() >= 0, source, "number of registers of", tokens);
      require(head.classes >= 0, source, "number of classes of", head);
      require(input.isSound(), source, "sizes of", input);
      long patches = Math.max(input.grid().size(), input.trainedGrid().size());
      long widest = Math.max(3L * l.dim, 2L * l.hidden);
      boolean fits = patches + tokens.registers() < Integer.MAX_VALUE / widest;
      require(fits, source, "number of patches, more than fits an array,", patches);
      return this;
    }

    private static void require(boolean holds, String source, String what, Object value) {
      if (!holds) {
        throw new CheckpointException(
            source + ": no vision transformer can have the " + what + " " + value);
      }
    }
  }

  /**
   * One block.
   *
   * @param hidden channels within the MLP, behind the gate if there is one
   * @param bias whether the other linear maps than qkv have a bias
   * @param layerScale whether the branches are scaled per channel
   */
  record Layer(
      int dim,
      int heads,
      int hidden,
      BlockKind block,
      boolean qkvBias,
      boolean bias,
      MlpKind mlp,
      Activation activation,
      Norms norms,
      boolean layerScale) {}

  /** How branches and norms follow each other. */
  enum BlockKind {
    PRE_NORM,
    POST_NORM,
    /** Attention beside MLP: Dehghani et al. 2023. */
    PARALLEL,
    /** Two of each side by side: Touvron et al. 2022. */
    PAIRED
  }

  /** What a block does to each token by itself. */
  enum MlpKind {
    PLAIN,
    /** Gate and the rest are one layer. */
    GATED,
    GATED_SEPARATE
  }

  /**
   * The norms of a block, and with their kind and epsilon those around the blocks.
   *
   * @param patches whether the embeddings of patches are normalised
   * @param heard whether what was heard is
   * @param hidden whether what is within the MLP is
   */
  record Norms(
      Norm.Kind kind,
      double epsilon,
      QueryKeyNorm queryKeys,
      boolean patches,
      boolean heard,
      boolean hidden) {
    /** Layer norms at the beginning of the branches alone. */
    static Norms plain(double epsilon) {
      return new Norms(Norm.Kind.LAYER, epsilon, QueryKeyNorm.NONE, false, false, false);
    }

    Norm of(WeightScope w, int channels) {
      return kind.of(w, channels, epsilon);
    }
  }

  /** Which channels of queries and keys are normalised together. */
  enum QueryKeyNorm {
    NONE,
    OF_EACH_HEAD,
    /** InternViT's, whatever the other norms are. */
    RMS_OF_ALL_HEADS
  }

  /**
   * From tokens to classes.
   *
   * @param prefixPooled whether class and register tokens are pooled with the patches
   * @param pool what makes one vector of the patches; null unless the pooling is of them
   * @param classes 0 for no classification head
   */
  record Head(Pooling pooling, GlobalPool pool, boolean prefixPooled, FinalNorm norm, int classes) {
    /** The class token after the last norm. */
    static Head ofClassToken(int classes) {
      return new Head(Pooling.CLASS_TOKEN, null, false, FinalNorm.BEFORE_POOLING, classes);
    }
  }

  /** What the head sees. */
  enum Pooling {
    CLASS_TOKEN,
    PATCHES,
    CLASS_TOKEN_AND_MEAN,
    /** The class tokens of the last four blocks, and the mean of the last one's patches. */
    FOUR_CLASS_TOKENS_AND_MEAN,
    CLASS_AND_DISTILLATION_TOKEN,
    /** What a learned query makes of the patches; see {@link AttentionPool}. */
    ATTENTION
  }

  /** Where the last norm is. */
  enum FinalNorm {
    NONE,
    /** timm's {@code norm}. */
    BEFORE_POOLING,
    /** timm's {@code fc_norm}. */
    AFTER_POOLING
  }

  private VisionTransformer() {}

  /**
   * The model of a checkpoint that timm saved, or with timm's configuration and the tensors of
   * DINOv2's or DeiT-III's own code.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static ImageModel timm(TimmConfig config, WeightSource weights, Packer packer) {
    Config structure = OriginalViT.adapted(TimmViT.config(config), weights);
    WeightScope w = WeightScope.of(OriginalViT.renamed(weights, structure.depth), packer);
    ImageModel model = build(structure, w);
    TimmViT.ignoreUnused(config, structure, w);
    w.verifyAllRead();
    return model;
  }

  /**
   * The names of timm's architectures of this family. A few have another attention; {@link #timm}
   * says so.
   */
  public static Set<String> timmArchitectures() {
    return TimmViT.architectures();
  }

  /** A checkpoint of transformers in the terms of this family. */
  interface Foreign {
    Config config();

    /** Channels that {@code projection} maps the features to; 0 for none. */
    default int projection() {
      return 0;
    }

    /** Whether images are of any size and aspect ratio. */
    default boolean takesAnySize() {
      return false;
    }

    /** The weights in timm's names. */
    WeightSource renamed(WeightSource weights, int depth);

    /** Declares the tensors that are known to serve nothing here. */
    void ignoreUnused(WeightScope w);
  }

  /** What transformers calls the families that are made of these blocks. */
  public static Set<String> transformersTypes() {
    return Set.of(
        "vit",
        "deit",
        "vit_mae",
        "ijepa",
        "dinov2",
        "dinov2_with_registers",
        "clip",
        "clip_vision_model",
        "siglip",
        "siglip_vision_model",
        "siglip2",
        "siglip2_vision_model",
        "intern_vit_6b",
        "internvl_vision");
  }

  /**
   * The model of a checkpoint that transformers saved: base models and classifiers of {@link
   * #transformersTypes}.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static ImageModel transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    Foreign foreign = foreign(config);
    Config structure = foreign.config();
    WeightScope w = WeightScope.of(foreign.renamed(weights, structure.depth), packer);
    ImageModel model =
        foreign.takesAnySize() ? NaFlexTransformer.build(structure, w) : build(structure, w);
    if (foreign.projection() > 0) {
      int channels = model.featureCount();
      WeightScope projection = w.in("projection");
      model =
          ProjectedModel.linear(
              model, Linear.withoutBias(projection, channels, foreign.projection()));
    }
    foreign.ignoreUnused(w);
    w.verifyAllRead();
    return model;
  }

  static Foreign foreign(TransformersConfig config) {
    return switch (config.modelType()) {
      case "dinov2", "dinov2_with_registers" -> new TransformersDinov2(config);
      case "intern_vit_6b", "internvl_vision" -> new TransformersInternViT(config);
      case "clip", "clip_vision_model" -> new TransformersClip(config);
      case "siglip", "siglip_vision_model", "siglip2", "siglip2_vision_model" ->
          new TransformersSiglip(config);
      default -> new TransformersViT(config);
    };
  }

  /** The network with the weights of the scope, in timm's names. */
  static ImageModel build(Config config, WeightScope w) {
    Layer layer = config.layer;
    int dim = layer.dim;
    Norms norms = layer.norms;
    Norm patchNorm = norms.patches ? norms.of(w.in("patch_embed").in("norm"), dim) : null;
    var embedding = new TokenEmbedding(config.input, config.tokens, dim, patchNorm, w);
    Norm normPre = config.preNorm ? norms.of(w.in("norm_pre"), dim) : null;
    List<TransformerBlock> blocks = new ArrayList<>();
    for (int i = 0; i < config.depth; i++) {
      blocks.add(ViTBlocks.build(layer, w.in("blocks", i)));
    }
    FinalNorm last = config.head.norm;
    Norm norm = last == FinalNorm.BEFORE_POOLING ? norms.of(w.in("norm"), dim) : null;
    Norm poolNorm = last == FinalNorm.AFTER_POOLING ? norms.of(w.in("fc_norm"), dim) : null;
    TokenPool pool = pool(config, w);
    Linear head = config.head.classes == 0 ? null : head(config.head, pool.features(dim), dim, w);
    return new TransformerNetwork(
        new TransformerNetwork.Parts(embedding, normPre, blocks, norm, pool, poolNorm, head));
  }

  /** What makes the features of the tokens. */
  static TokenPool pool(Config config, WeightScope w) {
    int prefix = config.tokens.prefix();
    Head h = config.head;
    int skipped = h.prefixPooled ? 0 : prefix;
    return switch (h.pooling) {
      case CLASS_TOKEN -> new TokenPool.ClassToken();
      case FOUR_CLASS_TOKENS_AND_MEAN -> new TokenPool.ClassTokensAndMean(4, prefix);
      case PATCHES -> new TokenPool.Pooled(h.pool, skipped);
      case CLASS_TOKEN_AND_MEAN -> new TokenPool.ClassTokensAndMean(1, prefix);
      case CLASS_AND_DISTILLATION_TOKEN -> new TokenPool.ClassAndDistillationToken();
      case ATTENTION ->
          new TokenPool.Attended(attentionPool(config.layer, w.in("attn_pool")), skipped);
    };
  }

  private static AttentionPool attentionPool(Layer l, WeightScope w) {
    Norms norms = l.norms;
    return new AttentionPool(w, l.dim, l.heads, l.hidden, l.activation, norms.kind, norms.epsilon);
  }

  private static Linear head(Head h, int features, int dim, WeightScope w) {
    return h.pooling == Pooling.CLASS_AND_DISTILLATION_TOKEN
        ? meanOfHeads(h.classes, dim, w)
        : new Linear(w.in("head"), features, h.classes);
  }

  /** The mean of what {@code head} says of the class and {@code head_dist} of the other token. */
  private static Linear meanOfHeads(int classes, int dim, WeightScope w) {
    WeightScope first = w.in("head");
    WeightScope second = w.in("head_dist");
    Weight ofClass = first.matrix("weight", classes, dim);
    Weight ofDistillation = second.matrix("weight", classes, dim);
    PackedMatrix matrix =
        w.pack(
            ofClass,
            WeightFormat.F32,
            2 * dim,
            classes,
            (row, target, offset) -> {
              ofClass.read((long) row * dim, target, offset, dim);
              ofDistillation.read((long) row * dim, target, offset + dim, dim);
              for (int i = offset; i < offset + 2 * dim; i++) {
                target[i] /= 2;
              }
            });
    float[] bias = first.tensor("bias", classes).toArray();
    float[] other = second.tensor("bias", classes).toArray();
    for (int i = 0; i < classes; i++) {
      bias[i] = (bias[i] + other[i]) / 2;
    }
    return new Linear(matrix, bias, Activation.IDENTITY);
  }
}
