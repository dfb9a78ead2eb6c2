package ocellus.bench;

import ocellus.engine.kernels.Activation;

/** Sizes of layers of real networks at 224 x 224: what the kernels are measured on. */
public final class LayerShapes {
  private LayerShapes() {}

  /** The work of a layer. */
  interface Layer {
    /** Multiply-adds; of what has none, the operations that its formula needs, two by two. */
    double multiplyAdds();
  }

  /** Matrix products, rows x k times k x n. */
  public enum Product implements Layer {
    VIT_TI_QKV(197, 192, 576),
    VIT_TI_FC1(197, 192, 768),
    VIT_S_QKV(197, 384, 1152),
    VIT_B_QKV(197, 768, 2304),
    VIT_B_PROJ(197, 768, 768),
    VIT_B_FC1(197, 768, 3072),
    VIT_B_FC2(197, 3072, 768),
    CONVNEXT_T_STAGE1_FC1(3136, 96, 384),
    CONVNEXT_T_STAGE1_FC2(3136, 384, 96),
    CONVNEXT_T_STAGE3_FC1(196, 384, 1536),
    CONVNEXT_T_STAGE4_FC2(49, 3072, 768),
    MOBILENETV3_L_STAGE1(12544, 16, 64),
    MOBILENETV3_L_STAGE2(3136, 72, 24),
    MOBILENETV3_L_STAGE4(196, 80, 480),
    MOBILENETV3_L_STAGE6(49, 960, 160),
    MOBILENETV3_S_STAGE1(3136, 16, 72),
    MOBILENETV3_S_STAGE2(784, 24, 96),
    MOBILENETV3_S_STAGE4(49, 96, 576),
    MOBILENETV3_S_SQUEEZE(1, 576, 144),
    MOBILENETV2_STAGE1(12544, 16, 96),
    MOBILENETV2_STAGE2(3136, 144, 24),
    MOBILENETV2_STAGE4(196, 384, 64),
    MOBILENETV2_HEAD(49, 320, 1280),
    MOBILENETV3_L_HEAD(1, 960, 1280),
    MOBILENETV3_L_CLASSIFIER(1, 1280, 1000);

    final int rows;
    final int k;
    final int n;

    Product(int rows, int k, int n) {
      this.rows = rows;
      this.k = k;
      this.n = n;
    }

    @Override
    public double multiplyAdds() {
      return (double) rows * k * n;
    }
  }

  /** Convolutions over every input channel, square, padded by half of the kernel unless patches. */
  public enum Convolution implements Layer {
    MOBILENETV3_STEM(224, 3, 16, 3, 2),
    RESNET_STEM(224, 3, 64, 7, 2),
    VIT_B_PATCHES(224, 3, 768, 16, 16),
    CONVNEXT_T_STEM(224, 3, 96, 4, 4),
    CONVNEXT_T_DOWNSAMPLE2(56, 96, 192, 2, 2),
    RESNET50_STAGE1(56, 64, 64, 3, 1),
    RESNET50_STAGE3(14, 256, 256, 3, 1);

    final int size;
    final int in;
    final int out;
    final int kernel;
    final int stride;

    Convolution(int size, int in, int out, int kernel, int stride) {
      this.size = size;
      this.in = in;
      this.out = out;
      this.kernel = kernel;
      this.stride = stride;
    }

    int padding() {
      return kernel == stride ? 0 : kernel / 2;
    }

    @Override
    public double multiplyAdds() {
      int outSize = (size + 2 * padding() - kernel) / stride + 1;
      return (double) outSize * outSize * kernel * kernel * in * out;
    }
  }

  /** 3x3 convolutions that move pixel by pixel, square, padded by one pixel. */
  public enum Filtering implements Layer {
    VGG16_STAGE1(224, 64, 64),
    VGG16_STAGE3(56, 256, 256),
    VGG16_STAGE5(14, 512, 512),
    RESNET50_STAGE1(56, 64, 64),
    RESNET50_STAGE3(14, 256, 256),
    EFFICIENTNETV2_S_STAGE2(75, 48, 192);

    final int size;
    final int in;
    final int out;

    Filtering(int size, int in, int out) {
      this.size = size;
      this.in = in;
      this.out = out;
    }

    /** Those of the direct sum, so that the fraction of the ceiling can be more than 1. */
    @Override
    public double multiplyAdds() {
      return 9.0 * size * size * in * out;
    }
  }

  /** Convolutions in small groups, 3 x 3, padded by 1. */
  public enum Grouped implements Layer {
    REGNETX_002_STAGE1(112, 24, 8, 2),
    REGNETX_002_STAGE3(14, 152, 8, 1),
    REGNETX_002_STAGE4(7, 368, 8, 1),
    RESNEXT50_STAGE1(56, 128, 4, 1),
    RESNEXT50_STAGE2(28, 256, 8, 1),
    RESNEXT50_STAGE3(14, 512, 16, 1),
    RESNEXT50_STAGE4(7, 1024, 32, 1);

    static final int KERNEL = 3;

    final int size;
    final int channels;
    final int group;
    final int stride;

    /**
     * @param group channels of a group
     */
    Grouped(int size, int channels, int group, int stride) {
      this.size = size;
      this.channels = channels;
      this.group = group;
      this.stride = stride;
    }

    @Override
    public double multiplyAdds() {
      int outSize = (size - 1) / stride + 1;
      return (double) outSize * outSize * KERNEL * KERNEL * group * channels;
    }
  }

  /** Depthwise convolutions, square, padded by half of the kernel. */
  public enum Depthwise implements Layer {
    MOBILENETV3_L_STAGE1(112, 64, 3, 2),
    MOBILENETV3_L_STAGE2(56, 72, 3, 1),
    MOBILENETV3_L_STAGE3(28, 120, 5, 1),
    MOBILENETV3_L_STAGE5(14, 672, 5, 2),
    MOBILENETV3_L_STAGE6(7, 960, 5, 1),
    MOBILENETV3_S_STAGE0(112, 16, 3, 2),
    MOBILENETV3_S_STAGE1(56, 72, 3, 2),
    MOBILENETV3_S_STAGE2(14, 240, 5, 1),
    MOBILENETV3_S_STAGE4(7, 576, 5, 1),
    MOBILENETV2_STAGE0(112, 32, 3, 1),
    MOBILENETV2_STAGE1(112, 96, 3, 2),
    MOBILENETV2_STAGE2(56, 144, 3, 1),
    MOBILENETV2_STAGE4(14, 384, 3, 1),
    CONVNEXT_T_STAGE1(56, 96, 7, 1),
    CONVNEXT_T_STAGE2(28, 192, 7, 1),
    CONVNEXT_T_STAGE3(14, 384, 7, 1),
    CONVNEXT_T_STAGE4(7, 768, 7, 1);

    final int size;
    final int channels;
    final int kernel;
    final int stride;

    Depthwise(int size, int channels, int kernel, int stride) {
      this.size = size;
      this.channels = channels;
      this.kernel = kernel;
      this.stride = stride;
    }

    @Override
    public double multiplyAdds() {
      int outSize = (size - 1) / stride + 1;
      return (double) outSize * outSize * kernel * kernel * channels;
    }
  }

  /** Self-attention. */
  public enum SelfAttention implements Layer {
    VIT_TI(197, 192, 3),
    VIT_S(197, 384, 6),
    VIT_B(197, 768, 12),
    CLIP_B32(50, 768, 12),
    VIT_B_384(577, 768, 12);

    final int tokens;
    final int dim;
    final int heads;

    SelfAttention(int tokens, int dim, int heads) {
      this.tokens = tokens;
      this.dim = dim;
      this.heads = heads;
    }

    @Override
    public double multiplyAdds() {
      return 2.0 * tokens * tokens * dim;
    }
  }

  /** Self-attention within windows, with relative positions. */
  public enum WindowAttention implements Layer {
    SWIN_T_STAGE1(8, 7, 96, 3),
    SWIN_T_STAGE2(4, 7, 192, 6),
    SWIN_T_STAGE3(2, 7, 384, 12),
    SWIN_T_STAGE4(1, 7, 768, 24),
    SWIN_B_384_STAGE3(2, 12, 512, 16);

    final int side;
    final int window;
    final int dim;
    final int heads;

    /**
     * @param side of the square of windows
     * @param window side of a window, in tokens
     */
    WindowAttention(int side, int window, int dim, int heads) {
      this.side = side;
      this.window = window;
      this.dim = dim;
      this.heads = heads;
    }

    int rows() {
      return side * window * side * window;
    }

    @Override
    public double multiplyAdds() {
      return 2.0 * rows() * window * window * dim;
    }
  }

  /** What transformers do with their tokens between the products. */
  public enum Tokens implements Layer {
    EVA02_S_GATE(Step.GATE, 577, 1024, 1),
    EVA02_S_ROTATE(Step.ROTATE, 577, 384, 6),
    SIGLIP_SO400M_POOL(Step.SUM, 729, 1152, 16);

    /** A gated linear unit, rotary position embeddings, the weighted sums of attention pooling. */
    enum Step {
      GATE,
      ROTATE,
      SUM
    }

    final Step step;
    final int rows;
    final int channels;
    final int heads;

    Tokens(Step step, int rows, int channels, int heads) {
      this.step = step;
      this.rows = rows;
      this.channels = channels;
      this.heads = heads;
    }

    @Override
    public double multiplyAdds() {
      double operations =
          switch (step) {
            case GATE -> 26.0; // SiLU and a product
            case ROTATE -> 2.0 * 3; // of queries and keys
            case SUM -> 2.0 * heads;
          };
      return operations / 2 * rows * channels;
    }
  }

  /** Layer normalisation. */
  public enum Norm implements Layer {
    VIT_TI(197, 192),
    VIT_B(197, 768),
    CONVNEXT_T_STAGE1(3136, 96),
    CONVNEXT_T_STAGE3(196, 384);

    final int rows;
    final int channels;

    Norm(int rows, int channels) {
      this.rows = rows;
      this.channels = channels;
    }

    /** Sum; difference, square, sum; difference, scale, weight, bias. */
    @Override
    public double multiplyAdds() {
      return 8.0 / 2 * rows * channels;
    }
  }

  /** Activations by themselves. */
  public enum Activated implements Layer {
    VIT_TI_GELU(197 * 768, Activation.GELU, 41),
    CONVNEXT_T_STAGE3_GELU(196 * 1536, Activation.GELU, 41),
    MOBILENETV2_STAGE3_RELU6(784 * 192, Activation.RELU6, 2),
    MOBILENETV3_L_STAGE4_HARD_SWISH(196 * 480, Activation.HARD_SWISH, 5),
    MOBILENETV3_L_GATE_HARD_SIGMOID(960, Activation.HARD_SIGMOID, 4),
    EFFICIENTNET_B0_STAGE3_SILU(784 * 240, Activation.SILU, 25);

    final int size;
    final Activation activation;
    private final double operations;

    Activated(int size, Activation activation, double operations) {
      this.size = size;
      this.activation = activation;
      this.operations = operations;
    }

    @Override
    public double multiplyAdds() {
      return operations / 2 * size;
    }
  }

  /** Square maps, each element of which is used once or a few times. */
  public enum Map implements Layer {
    CONVNEXT_T_GLOBAL_AVERAGE(Kind.AVERAGE, 7, 768),
    MOBILENETV3_L_STAGE3_SQUEEZE(Kind.AVERAGE, 28, 120),
    MOBILENETV3_L_STAGE3_EXCITE(Kind.SCALE, 28, 120),
    MOBILENETV2_STAGE2_RESIDUAL(Kind.ADD, 56, 24),
    RESNET_STEM_POOL(Kind.MAX_3X3_STRIDE_2, 112, 64);

    /** What is done with it. */
    enum Kind {
      AVERAGE,
      SCALE,
      ADD,
      MAX_3X3_STRIDE_2
    }

    final Kind kind;
    final int size;
    final int channels;

    Map(Kind kind, int size, int channels) {
      this.kind = kind;
      this.size = size;
      this.channels = channels;
    }

    @Override
    public double multiplyAdds() {
      double operations = kind == Kind.MAX_3X3_STRIDE_2 ? 9 / 4.0 : 1;
      return operations / 2 * size * size * channels;
    }
  }
}
