package ocellus.models.arch;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.LayerNorm;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Mlp;
import ocellus.engine.layers.PatchEmbed;
import ocellus.engine.layers.SelfAttention;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;
import ocellus.models.arch.PositionEmbedding.Grid;

/**
 * Vision Transformer, "An Image is Worth 16x16 Words", Dosovitskiy et al. 2020, with what its
 * successors changed: layer scale (CaiT, DeiT-III, DINOv2), register tokens ("Vision Transformers
 * Need Registers", Darcet et al. 2023), a norm before the blocks (CLIP), average pooling and a norm
 * after it. Follows timm's {@code VisionTransformer}; pre-norm blocks only.
 *
 * <p>Immutable, thread-safe.
 */
public final class VisionTransformer implements ImageModel {
  private static final int CHANNELS = 3;

  /** Tokens of images that are run at once: a weight from memory is multiplied with all of them. */
  private static final int ROWS_AT_ONCE = 400;

  private static final int MOST_IMAGES = 8;

  /**
   * What a model looks like.
   *
   * @param depth the number of blocks
   */
  record Config(Input input, Tokens tokens, Layer layer, int depth, Head head) {
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
      require(l.epsilon > 0, source, "epsilon of", l);
      require(depth >= 0 && depth <= MOST_BLOCKS, source, "number of blocks", depth);
      require(tokens.registers >= 0, source, "number of registers of", tokens);
      require(head.classes >= 0, source, "number of classes of", head);
      require(input.isSound(), source, "sizes of", input);
      long patches = Math.max(input.grid().size(), input.trainedGrid().size());
      long widest = Math.max(3L * l.dim, l.hidden);
      boolean fits = patches + tokens.registers < Integer.MAX_VALUE / widest;
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
   * The image and what becomes of it.
   *
   * @param trainedHeight rows of the images that the position embeddings are for
   * @param trainedWidth columns of the images that the position embeddings are for
   * @param patch rows and columns of a patch
   */
  record Input(int height, int width, int trainedHeight, int trainedWidth, int patch) {
    static final int LONGEST_SIDE = 1 << 14;

    boolean isSound() {
      boolean patches = patch > 0 && Math.min(height, width) >= patch;
      boolean trained = Math.min(trainedHeight, trainedWidth) >= patch;
      int longest = Math.max(Math.max(height, width), Math.max(trainedHeight, trainedWidth));
      return patches && trained && longest <= LONGEST_SIDE;
    }

    Grid grid() {
      return Grid.of(height, width, patch);
    }

    Grid trainedGrid() {
      return Grid.of(trainedHeight, trainedWidth, patch);
    }
  }

  /**
   * The tokens that precede the patches, and what is done to all before the blocks.
   *
   * @param registers the number of register tokens, which follow the class token
   * @param preNorm whether a norm follows; it stands in for the bias of the patch embedding
   */
  record Tokens(
      boolean classToken,
      int registers,
      Positions positions,
      PositionEmbedding.Filter filter,
      boolean preNorm) {
    int prefix() {
      return (classToken ? 1 : 0) + registers;
    }
  }

  /** Which tokens have a position embedding. */
  enum Positions {
    NONE,
    /** The patches alone: timm's {@code no_embed_class}. */
    PATCHES,
    ALL
  }

  /**
   * One block.
   *
   * @param hidden channels within the MLP
   * @param bias whether the other linear maps than qkv have a bias
   * @param layerScale whether the branches are scaled per channel
   */
  record Layer(
      int dim,
      int heads,
      int hidden,
      boolean qkvBias,
      boolean bias,
      Activation activation,
      double epsilon,
      boolean layerScale) {}

  /**
   * From tokens to classes.
   *
   * @param pool what makes one vector of the patches; null for the class token alone
   * @param prefixPooled whether class and register tokens are pooled with the patches
   * @param classes 0 for no classification head
   */
  record Head(GlobalPool pool, boolean prefixPooled, FinalNorm norm, int classes) {}

  /** Where the last norm is. */
  enum FinalNorm {
    NONE,
    /** timm's {@code norm}. */
    BEFORE_POOLING,
    /** timm's {@code fc_norm}. */
    AFTER_POOLING
  }

  private final Config config;
  private final int dim;
  private final Grid grid; // of patches
  private final int tokenCount; // patches and others
  private final PatchEmbed patchEmbed;
  private final float[] prefix; // [prefix tokens, dim], their positions added
  private final Tensor positions; // [rows, columns, dim]; null for none
  private final LayerNorm normPre; // null for none
  private final Block[] blocks;
  private final LayerNorm norm; // null for none
  private final Linear head; // null for none

  VisionTransformer(Config config, WeightScope w) {
    this.config = config;
    this.dim = config.layer.dim;
    this.grid = config.input.grid();
    this.tokenCount = config.tokens.prefix() + grid.cells();
    Tokens tokens = config.tokens;
    double epsilon = config.layer.epsilon;
    int patch = config.input.patch;
    this.patchEmbed = new PatchEmbed(w.in("patch_embed"), CHANNELS, patch, dim, !tokens.preNorm);
    this.prefix = prefix(w);
    this.positions = positions(w);
    this.normPre = tokens.preNorm ? new LayerNorm(w.in("norm_pre"), dim, epsilon) : null;
    this.blocks = new Block[config.depth];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = new Block(config.layer, w.in("blocks", i));
    }
    this.norm =
        switch (config.head.norm) {
          case NONE -> null;
          case BEFORE_POOLING -> new LayerNorm(w.in("norm"), dim, epsilon);
          case AFTER_POOLING -> new LayerNorm(w.in("fc_norm"), dim, epsilon);
        };
    int classes = config.head.classes;
    this.head = classes == 0 ? null : new Linear(w.in("head"), dim, classes);
  }

  /** Class and register tokens as stored. */
  private float[] prefix(WeightScope w) {
    Tokens tokens = config.tokens;
    float[] prefix = new float[tokens.prefix() * dim];
    int next = 0;
    if (tokens.classToken) {
      w.tensor("cls_token", 1, 1, dim).read(0, prefix, 0, dim);
      next = dim;
    }
    if (tokens.registers > 0) {
      int size = tokens.registers * dim;
      w.tensor("reg_token", 1, tokens.registers, dim).read(0, prefix, next, size);
    }
    return prefix;
  }

  /** Position embeddings of the patches; those of the prefix are added to {@link #prefix}. */
  private Tensor positions(WeightScope w) {
    Tokens tokens = config.tokens;
    if (tokens.positions == Positions.NONE) {
      return null;
    }
    int embedded = tokens.positions == Positions.ALL ? tokens.prefix() : 0;
    Grid trained = config.input.trainedGrid();
    float[] table = PositionEmbedding.load(w, "pos_embed", embedded, trained, dim, tokens.filter);
    table = PositionEmbedding.resample(table, embedded, trained, grid, dim, tokens.filter);
    for (int i = 0; i < embedded * dim; i++) {
      prefix[i] += table[i];
    }
    float[] patches = Arrays.copyOfRange(table, embedded * dim, table.length);
    return Tensor.of(patches, grid.rows(), grid.columns(), dim);
  }

  /**
   * The model of a checkpoint that timm saved.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static VisionTransformer timm(TimmConfig config, WeightSource weights, Packer packer) {
    WeightScope w = WeightScope.of(weights, packer);
    var model = new VisionTransformer(TimmViT.config(config), w);
    TimmViT.ignoreUnused(config, w);
    w.verifyAllRead();
    return model;
  }

  /**
   * The names of timm's architectures of this family. A few are made of other blocks; {@link #timm}
   * says so.
   */
  public static Set<String> timmArchitectures() {
    return TimmViT.architectures();
  }

  /**
   * The model of a checkpoint that transformers saved: {@code ViTForImageClassification} or {@code
   * ViTModel}, whose features are the class token after the last norm.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static VisionTransformer transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    Config structure = TransformersViT.config(config);
    WeightScope w = WeightScope.of(TransformersViT.renamed(weights, structure.depth), packer);
    var model = new VisionTransformer(structure, w);
    TransformersViT.ignoreUnused(w);
    w.verifyAllRead();
    return model;
  }

  @Override
  public int inputHeight() {
    return config.input.height;
  }

  @Override
  public int inputWidth() {
    return config.input.width;
  }

  @Override
  public int inputChannels() {
    return CHANNELS;
  }

  @Override
  public int featureCount() {
    return dim;
  }

  @Override
  public int classCount() {
    return config.head.classes;
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor features = ws.tensor(dim);
    Mark mark = ws.mark();
    Tensor x = ws.tensor(tokenCount, dim);
    embed(image, x, 0, ws);
    encode(x, 1, features, ws);
    ws.release(mark);
    return features;
  }

  @Override
  public int imagesAtOnce() {
    return Math.clamp(ROWS_AT_ONCE / tokenCount, 1, MOST_IMAGES);
  }

  @Override
  public Tensor features(List<Tensor> images, Workspace ws) {
    int count = images.size();
    Tensor features = ws.tensor(count, dim);
    Mark mark = ws.mark();
    Tensor x = ws.tensor(count * tokenCount, dim);
    for (int i = 0; i < count; i++) {
      embed(images.get(i), x, i, ws);
    }
    encode(x, count, features, ws);
    ws.release(mark);
    return features;
  }

  /**
   * From tokens to features.
   *
   * @param x {@code [images * tokens, dim]}, destroyed
   * @param features {@code [dim]} or {@code [images, dim]}
   */
  private void encode(Tensor x, int images, Tensor features, Workspace ws) {
    if (normPre != null) {
      normPre.forward(x, x, ws); // x = LN(x)
    }
    ws.stage("embed", x);
    for (int i = 0; i < blocks.length; i++) {
      blocks[i].forward(x, images, ws); // x = block_i(x)                        [tokens, dim]
      ws.stage("blocks", i, x);
    }
    if (config.head.norm == FinalNorm.BEFORE_POOLING) {
      norm.forward(x, x, ws); // x = LN(x)                                       [tokens, dim]
      ws.stage("norm", x);
    }
    for (int i = 0; i < images; i++) {
      pool(x, i, ws.view(features, i * dim, dim), ws); // f = x[class] or mean(x[patches])  [dim]
    }
    if (config.head.norm == FinalNorm.AFTER_POOLING) {
      norm.forward(features, features, ws); // f = LN(f)                         [dim]
    }
  }

  @Override
  public Tensor logits(Tensor features, Workspace ws) {
    if (head == null) {
      throw new IllegalStateException("this model has no classification head");
    }
    return head.forward(features, ws); // y = f W^T + b                         [classes]
  }

  /** Dosovitskiy et al. 2020, eq. 1: x = [class; registers; patches E] + positions, of image i. */
  private void embed(Tensor image, Tensor x, int i, Workspace ws) {
    int first = i * tokenCount * dim;
    System.arraycopy(prefix, 0, x.data(), x.offset() + first, prefix.length);
    Tensor patches = ws.view(x, first + prefix.length, grid.rows(), grid.columns(), dim);
    patchEmbed.forward(image, positions, patches, ws);
  }

  /** One vector of the tokens of image i. The class token is the first. */
  private void pool(Tensor x, int i, Tensor features, Workspace ws) {
    Head h = config.head;
    int first = i * tokenCount;
    if (h.pool == null) {
      int from = x.offset() + first * dim;
      System.arraycopy(x.data(), from, features.data(), features.offset(), dim);
    } else {
      int skipped = h.prefixPooled ? 0 : config.tokens.prefix();
      int count = tokenCount - skipped;
      Tensor pooled = ws.view(x, (first + skipped) * dim, 1, count, dim);
      h.pool.forward(pooled, features, ws);
    }
  }

  /** Pre-norm block, Dosovitskiy et al. 2020, eq. 2-3. */
  private static final class Block {
    private final LayerNorm norm1;
    private final SelfAttention attention;
    private final LayerNorm norm2;
    private final Mlp mlp;

    Block(Layer l, WeightScope w) {
      float[] scale1 = l.layerScale ? w.in("ls1").tensor("gamma", l.dim).toArray() : null;
      float[] scale2 = l.layerScale ? w.in("ls2").tensor("gamma", l.dim).toArray() : null;
      this.norm1 = new LayerNorm(w.in("norm1"), l.dim, l.epsilon);
      this.attention = new SelfAttention(w.in("attn"), l.dim, l.heads, l.qkvBias, l.bias, scale1);
      this.norm2 = new LayerNorm(w.in("norm2"), l.dim, l.epsilon);
      this.mlp = new Mlp(w.in("mlp"), l.dim, l.hidden, l.bias, l.activation, scale2);
    }

    /** x: [images * tokens, dim], updated in place. */
    void forward(Tensor x, int images, Workspace ws) {
      Mark mark = ws.mark();
      Tensor y = ws.like(x);
      norm1.forward(x, y, ws); // y = LN(x)
      attention.addTo(y, images, x, ws); // x = x + gamma1 MSA(y)
      norm2.forward(x, y, ws); // y = LN(x)
      mlp.addTo(y, x, ws); // x = x + gamma2 MLP(y)
      ws.release(mark);
    }
  }
}
