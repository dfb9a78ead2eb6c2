package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.ChannelAffine;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;

/**
 * Mobile MQA, Qin et al. 2024, section 4.2: pre-norm attention between the pixels of a map in which
 * all heads have the same keys and values, and these are made of a smaller map. timm's {@code
 * MobileAttention} with {@code MultiQueryAttention2d}.
 */
final class MobileAttention implements BlockStack.Block {
  private static final int KERNEL = 3;

  /**
   * @param heads of the queries
   * @param width channels of a head
   * @param shrinks whether keys and values come from a map of half the height and width
   */
  record Form(int heads, int width, boolean shrinks) implements BlockForm {
    @Override
    public MobileAttention build(
        BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
      return new MobileAttention(this, geometry, style, w);
    }
  }

  /** What makes keys, or values, of the normalised map. */
  private record Source(Conv2d shrink, Conv2d project) {
    static Source of(Form form, int channels, ConvNorm norm, WeightScope w) {
      Spec window = Spec.depthwise(channels, KERNEL).stride(2);
      Spec linear = Spec.of(channels, form.width, 1);
      return new Source(
          form.shrinks ? norm.layer(window, w, "down_conv", "norm", Activation.IDENTITY) : null,
          new Conv2d(linear, w.in("proj"), Affine.none(), Activation.IDENTITY));
    }

    int outHeight(Tensor x) {
      return shrink == null ? x.dim(0) : shrink.window(x.dim(0), x.dim(1)).outHeight();
    }

    int outWidth(Tensor x) {
      return shrink == null ? x.dim(1) : shrink.window(x.dim(0), x.dim(1)).outWidth();
    }

    void forward(Tensor x, Tensor y, Workspace ws) {
      Mark mark = ws.mark();
      Tensor small = shrink == null ? x : shrink.forward(x, ws);
      project.forward(small, null, y, ws);
      ws.release(mark);
    }
  }

  private final ChannelAffine norm;
  private final Conv2d queries;
  private final Source keys;
  private final Source values;
  private final Conv2d output;
  private final int width;
  private final float scale;
  private final boolean skips;

  /** {@code norm, attn.query, attn.key, attn.value, attn.output, layer_scale} of the scope. */
  private MobileAttention(
      Form form, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    WarmUp.expect(WarmUp.Call.MULTI_QUERY_ATTENTION, Activation.IDENTITY);
    int in = geometry.in();
    int out = geometry.out();
    int inner = form.heads * form.width;
    ConvNorm convNorm = style.convNorm();
    WeightScope attention = w.in("attn");
    Affine gamma = Affine.none().then(w.in("layer_scale").tensor("gamma", out).toArray());
    this.norm = new ChannelAffine(convNorm.affine(w.in("norm"), in), in);
    this.queries =
        new Conv2d(
            Spec.of(in, inner, 1),
            attention.in("query").in("proj"),
            Affine.none(),
            Activation.IDENTITY);
    this.keys = Source.of(form, in, convNorm, attention.in("key"));
    this.values = Source.of(form, in, convNorm, attention.in("value"));
    this.output =
        new Conv2d(
            Spec.of(inner, out, 1), attention.in("output").in("proj"), gamma, Activation.IDENTITY);
    this.width = form.width;
    this.scale = (float) (1 / Math.sqrt(form.width));
    this.skips = geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    int height = keys.outHeight(x);
    int breadth = keys.outWidth(x);
    int pixels = height * breadth;
    Tensor y = ws.tensor(x.dim(0), x.dim(1), output.outChannels());
    Mark mark = ws.mark();
    Tensor n = norm.forward(x, ws); // n = BN(x)  [H, W, C]
    Tensor q = queries.forward(n, ws); // q = Wq n  [H, W, heads d]
    Tensor kv = ws.tensor(2, pixels, width); // k = Wk n', v = Wv n"  [H/s W/s, d]
    keys.forward(n, ws.view(kv, 0, height, breadth, width), ws);
    values.forward(n, ws.view(kv, pixels * width, height, breadth, width), ws);
    Tensor h = ws.tensor(x.dim(0), x.dim(1), q.channels());
    AttentionKernels.multiQueryAttention(q, kv, scale, h, ws); // h = softmax(q k^T / sqrt d) v
    output.forward(h, skips ? x : null, y, ws); // y = gamma Wo h (+ x)  [H, W, C']
    ws.release(mark);
    return y;
  }
}
