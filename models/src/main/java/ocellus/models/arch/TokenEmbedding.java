package ocellus.models.arch;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.PatchEmbed;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.PositionEmbedding.Grid;

/**
 * From an image to the tokens of a transformer, Dosovitskiy et al. 2020, eq. 1: the prefix, then
 * one token for each patch, with learned position embeddings. Immutable, thread-safe.
 */
final class TokenEmbedding {
  /**
   * The image.
   *
   * @param trainedHeight rows of the images that the position embeddings are for
   * @param trainedWidth columns of the images that the position embeddings are for
   * @param patch rows and columns of a patch
   * @param channels 3 for RGB
   */
  record Input(
      int height, int width, int trainedHeight, int trainedWidth, int patch, int channels) {
    static final int LONGEST_SIDE = 1 << 14;
    static final int MOST_CHANNELS = 1 << 10;

    boolean isSound() {
      boolean patches = patch > 0 && Math.min(height, width) >= patch;
      boolean trained = Math.min(trainedHeight, trainedWidth) >= patch;
      int longest = Math.max(Math.max(height, width), Math.max(trainedHeight, trainedWidth));
      boolean sees = channels > 0 && channels <= MOST_CHANNELS;
      return patches && trained && sees && longest <= LONGEST_SIDE;
    }

    Grid grid() {
      return Grid.of(height, width, patch);
    }

    Grid trainedGrid() {
      return Grid.of(trainedHeight, trainedWidth, patch);
    }
  }

  /**
   * The tokens.
   *
   * @param classToken whether the first is a class token
   * @param distillationToken whether a distillation token follows it, Touvron et al. 2021
   * @param registers the number of register tokens, which come next
   * @param patchBias whether the patch embedding has a bias
   */
  record Tokens(
      boolean classToken,
      boolean distillationToken,
      int registers,
      Positions positions,
      Filter filter,
      boolean patchBias) {
    /** The number of tokens before the patches. */
    int prefix() {
      return (classToken ? 1 : 0) + (distillationToken ? 1 : 0) + registers;
    }

    /** How many of them have a position embedding; they are the first. */
    private int embeddedPrefix() {
      return switch (positions) {
        case NONE, PATCHES -> 0;
        case ALL_BUT_REGISTERS -> prefix() - registers;
        case ALL -> prefix();
      };
    }
  }

  /** Which tokens have a position embedding. */
  enum Positions {
    NONE,
    /** The patches alone: timm's {@code no_embed_class}. */
    PATCHES,
    ALL_BUT_REGISTERS,
    ALL
  }

  private final Tokens tokens;
  private final Input input;
  private final int dim;
  private final Grid grid;
  private final PatchEmbed patchEmbed;
  private final Norm patchNorm; // null for none
  private final float[] prefix; // [prefix tokens, dim], their positions added
  private final Tensor positions; // [rows, columns, dim]; null for none

  /**
   * {@code patch_embed.proj} and, as far as there are such, {@code cls_token}, {@code dist_token},
   * {@code reg_token} and {@code pos_embed} of the scope.
   */
  TokenEmbedding(Input input, Tokens tokens, int dim, WeightScope w) {
    this(input, tokens, dim, null, w);
  }

  /**
   * As {@link #TokenEmbedding(Input, Tokens, int, WeightScope)}.
   *
   * @param patchNorm of patches before their positions are added; null for none
   */
  TokenEmbedding(Input input, Tokens tokens, int dim, Norm patchNorm, WeightScope w) {
    this.tokens = tokens;
    this.input = input;
    this.dim = dim;
    this.grid = input.grid();
    this.patchEmbed =
        new PatchEmbed(w.in("patch_embed"), input.channels, input.patch, dim, tokens.patchBias);
    this.patchNorm = patchNorm;
    this.prefix = prefix(w);
    this.positions = positions(w);
  }

  /** The tokens before the patches, as stored. */
  private float[] prefix(WeightScope w) {
    float[] prefix = new float[tokens.prefix() * dim];
    int next = 0;
    if (tokens.classToken) {
      next += read(w, "cls_token", 1, prefix, next);
    }
    if (tokens.distillationToken) {
      next += read(w, "dist_token", 1, prefix, next);
    }
    if (tokens.registers > 0) {
      read(w, "reg_token", tokens.registers, prefix, next);
    }
    return prefix;
  }

  private int read(WeightScope w, String name, int count, float[] target, int offset) {
    w.tensor(name, 1, count, dim).read(0, target, offset, count * dim);
    return count * dim;
  }

  /** Position embeddings of the patches; those of the prefix are added to {@link #prefix}. */
  private Tensor positions(WeightScope w) {
    if (tokens.positions == Positions.NONE) {
      return null;
    }
    int embedded = tokens.embeddedPrefix();
    Grid trained = input.trainedGrid();
    float[] table = PositionEmbedding.load(w, "pos_embed", embedded, trained, dim, tokens.filter);
    table = PositionEmbedding.resample(table, embedded, trained, grid, dim, tokens.filter);
    for (int i = 0; i < embedded * dim; i++) {
      prefix[i] += table[i];
    }
    float[] patches = Arrays.copyOfRange(table, embedded * dim, table.length);
    return Tensor.of(patches, grid.rows(), grid.columns(), dim);
  }

  Input input() {
    return input;
  }

  /** The number of tokens of an image. */
  int count() {
    return tokens.prefix() + grid.cells();
  }

  int dim() {
    return dim;
  }

  /**
   * {@code x = [prefix; patches E] + positions} of one image among several.
   *
   * @param image {@code [height, width, channels]}
   * @param x {@code [images * count, dim]}
   * @param index of the image
   */
  void forward(Tensor image, Tensor x, int index, Workspace ws) {
    int first = index * count() * dim;
    System.arraycopy(prefix, 0, x.data(), x.offset() + first, prefix.length);
    Tensor patches = ws.view(x, first + prefix.length, grid.rows(), grid.columns(), dim);
    if (patchNorm == null) {
      patchEmbed.forward(image, positions, patches, ws);
      return;
    }
    patchEmbed.forward(image, null, patches, ws);
    patchNorm.forward(patches, patches, ws);
    if (positions != null) {
      Kernels.add(patches, positions, ws);
    }
  }
}
