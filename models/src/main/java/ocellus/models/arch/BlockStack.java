package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;

/**
 * The blocks between stem and head of a MobileNet, built from its table. Immutable, thread-safe.
 *
 * <p>Block j of stage i is {@code blocks.i.j} of the checkpoint; an observer of the workspace sees
 * the output of the n-th of all as {@code block.n}.
 */
final class BlockStack {
  /** What the stem has already divided the image's height and width by. */
  private static final int STEM_STRIDE = 2;

  static final int USUAL_OUTPUT_STRIDE = 32;

  /** As {@link Style}'s: no stride becomes a dilation. */
  static final int ANY_OUTPUT_STRIDE = 1 << 30;

  /** A residual block, or one like it. Immutable, thread-safe. */
  interface Block {
    /**
     * @param x {@code [height, width, in]}, unchanged
     * @return {@code [outHeight, outWidth, out]}, from the workspace
     */
    Tensor forward(Tensor x, Workspace ws);
  }

  /**
   * What all blocks have in common.
   *
   * @param squeeze how squeeze-and-excitation is done, where it is
   * @param outputStride the most that height and width are divided by, a power of two; further
   *     strides become dilations of what follows
   */
  record Style(
      ChannelWidth width,
      ConvNorm convNorm,
      Activation activation,
      Squeeze squeeze,
      int outputStride) {}

  /**
   * {@code output_stride} of a configuration, for {@link Style}.
   *
   * @throws CheckpointException if it is not a power of two from 2 to 32
   */
  static int outputStride(JsonObject json) {
    int stride = json.integer("output_stride", USUAL_OUTPUT_STRIDE);
    if (stride < STEM_STRIDE || stride > USUAL_OUTPUT_STRIDE || Integer.bitCount(stride) != 1) {
      throw new CheckpointException(
          "%s is %d, expected 8, 16 or 32".formatted(json.where("output_stride"), stride));
    }
    return stride;
  }

  private final Block[] blocks;
  private final int outChannels;

  /**
   * @param stages the rows of each stage
   * @param in channels of the stem
   * @param w the scope of the model, with {@code blocks} in it
   */
  BlockStack(List<List<BlockRow>> stages, int in, Style style, WeightScope w) {
    List<Block> built = new ArrayList<>();
    int channels = in;
    int divided = STEM_STRIDE;
    int dilation = 1;
    for (int i = 0; i < stages.size(); i++) {
      int j = 0;
      for (BlockRow row : stages.get(i)) {
        int out = style.width.scaled(row.channels());
        for (int n = 0; n < row.repeats(); n++) {
          int wanted = j == 0 ? row.stride() : 1;
          int stride = divided * wanted > style.outputStride ? 1 : wanted;
          WeightScope block = w.in("blocks", i).in(Integer.toString(j));
          var geometry = new Geometry(channels, out, stride, dilation);
          built.add(row.form().build(geometry, style, block));
          divided *= stride;
          dilation *= wanted / stride;
          channels = out;
          j++;
        }
      }
    }
    this.blocks = built.toArray(Block[]::new);
    this.outChannels = channels;
  }

  /** What a block does to the shape of a feature map. */
  record Geometry(int in, int out, int stride, int dilation) {
    boolean keepsShape() {
      return in == out && stride == 1;
    }
  }

  int outChannels() {
    return outChannels;
  }

  /**
   * @param x {@code [height, width, channels of the stem]}
   * @return {@code [outHeight, outWidth, outChannels]}, from the workspace
   */
  Tensor forward(Tensor x, Workspace ws) {
    Tensor y = x;
    for (int i = 0; i < blocks.length; i++) {
      y = blocks[i].forward(y, ws);
      ws.stage("block", i, y);
    }
    return y;
  }
}
