package ocellus.bench;

/** Sizes of layers of real networks at 224 x 224: what the kernels are measured on. */
public final class LayerShapes {
  private LayerShapes() {}

  /** Matrix products, rows x k times k x n. */
  public enum Product {
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

    double multiplyAdds() {
      return (double) rows * k * n;
    }
  }

  /** Convolutions over every input channel, square, padded by half of the kernel unless patches. */
  public enum Convolution {
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

    double multiplyAdds(int outPixels) {
      return (double) outPixels * kernel * kernel * in * out;
    }
  }

  /** Depthwise convolutions, square, padded by half of the kernel. */
  public enum Depthwise {
    MOBILENETV3_L_STAGE1(112, 64, 3, 2),
    MOBILENETV3_L_STAGE2(56, 72, 3, 1),
    MOBILENETV3_L_STAGE3(28, 120, 5, 1),
    MOBILENETV3_L_STAGE5(14, 672, 5, 2),
    MOBILENETV3_L_STAGE6(7, 960, 5, 1),
    MOBILENETV2_STAGE2(56, 144, 3, 1),
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

    double multiplyAdds(int outPixels) {
      return (double) outPixels * kernel * kernel * channels;
    }
  }

  /** Self-attention. */
  public enum SelfAttention {
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

    double multiplyAdds() {
      return 2.0 * tokens * tokens * dim;
    }
  }
}
