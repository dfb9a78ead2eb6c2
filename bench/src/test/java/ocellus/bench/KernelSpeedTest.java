package ocellus.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jdk.incubator.vector.FloatVector;
import ocellus.engine.kernels.VectorWidth;
import ocellus.engine.kernels.Winograd;
import org.junit.jupiter.api.Test;

/**
 * That kernels are compiled to what they are meant to be, on any machine: their speed as a fraction
 * of the {@link FmaCeiling} of the same moment is above a generous floor. A kernel that the
 * compiler gave up on, or whose vectors became objects, is ten to a hundred times slower.
 */
class KernelSpeedTest {
  /** Other processes take the machine away for seconds; they seldom do so for all of that. */
  private static final int ATTEMPTS = 8;

  private static final double ATTEMPT_SECONDS = 1;
  private static final double ROUND_MILLIS = 5;

  @Test
  void products() {
    ProductBenchmark product = new ProductBenchmark();
    product.shape = LayerShapes.Product.VIT_B_FC1;
    product.setUp();
    verify(product::multiply, product.shape, 0.4);
    product.tearDown();
  }

  @Test
  void convolutions() {
    ConvolutionBenchmark convolution = new ConvolutionBenchmark();
    convolution.shape = LayerShapes.Convolution.CONVNEXT_T_DOWNSAMPLE2;
    convolution.setUp();
    verify(convolution::convolve, convolution.shape, 0.35);
    convolution.tearDown();
  }

  @Test
  void minimalFiltering() {
    FilteringBenchmark convolution = new FilteringBenchmark();
    convolution.shape = LayerShapes.Filtering.RESNET50_STAGE1;
    convolution.tiles = Winograd.F4;
    convolution.setUp();
    verify(convolution::convolve, convolution.shape, 0.6);
    convolution.tearDown();
  }

  @Test
  void depthwiseConvolutions() {
    DepthwiseBenchmark depthwise = new DepthwiseBenchmark();
    depthwise.shape = LayerShapes.Depthwise.CONVNEXT_T_STAGE2;
    depthwise.setUp();
    verify(depthwise::convolve, depthwise.shape, 0.2);
  }

  @Test
  void groupedConvolutions() {
    GroupedBenchmark grouped = new GroupedBenchmark();
    grouped.shape = LayerShapes.Grouped.REGNETX_002_STAGE3;
    grouped.setUp();
    verify(grouped::convolve, grouped.shape, 0.15);
    grouped.tearDown();
  }

  @Test
  void gates() {
    verifyTokens(LayerShapes.Tokens.EVA02_S_GATE, 0.05);
  }

  @Test
  void rotations() {
    verifyTokens(LayerShapes.Tokens.EVA02_S_ROTATE, 0.01);
  }

  @Test
  void weightedSums() {
    verifyTokens(LayerShapes.Tokens.SIGLIP_SO400M_POOL, 0.05);
  }

  private static void verifyTokens(LayerShapes.Tokens shape, double floor) {
    TokensBenchmark tokens = new TokensBenchmark();
    tokens.shape = shape;
    tokens.setUp();
    verify(tokens::run, shape, floor);
  }

  @Test
  void attention() {
    AttentionBenchmark attention = new AttentionBenchmark();
    attention.shape = LayerShapes.SelfAttention.VIT_B;
    attention.setUp();
    verify(attention::attend, attention.shape, 0.2);
  }

  @Test
  void windowAttention() {
    WindowAttentionBenchmark attention = new WindowAttentionBenchmark();
    attention.shape = LayerShapes.WindowAttention.SWIN_T_STAGE3;
    attention.setUp();
    verify(attention::attend, attention.shape, 0.08);
  }

  @Test
  void norms() {
    NormBenchmark norm = new NormBenchmark();
    norm.shape = LayerShapes.Norm.VIT_TI;
    norm.setUp();
    verify(norm::normalise, norm.shape, 0.1);
  }

  @Test
  void activations() {
    ActivatedBenchmark activated = new ActivatedBenchmark();
    activated.shape = LayerShapes.Activated.VIT_TI_GELU;
    activated.setUp();
    verify(activated::activate, activated.shape, 0.1);
  }

  private static void verify(Runnable kernel, LayerShapes.Layer layer, double floor) {
    assumeTrue(
        VectorWidth.BITS == FloatVector.SPECIES_PREFERRED.vectorBitSize(),
        "measured at the machine's own width alone");
    FmaCeiling.multiplyAddsPerSecond();
    double fraction = 0;
    for (int attempt = 0; attempt < ATTEMPTS && fraction < floor; attempt++) {
      fraction = Math.max(fraction, fraction(kernel, layer));
    }
    assertTrue(
        fraction >= floor,
        "%s runs at %.2f of the FMA ceiling, expected %.2f".formatted(layer, fraction, floor));
  }

  /** The best of the kernel over the best of the ceiling, measured by turns. */
  private static double fraction(Runnable kernel, LayerShapes.Layer layer) {
    double ceiling = 0;
    double best = 0;
    long start = System.nanoTime();
    while (System.nanoTime() - start < ATTEMPT_SECONDS * 1e9) {
      ceiling = Math.max(ceiling, FmaCeiling.sample());
      for (double millis : Side.time(kernel, ROUND_MILLIS)) {
        best = Math.max(best, layer.multiplyAdds() / (millis / 1e3));
      }
    }
    return best / ceiling;
  }
}
