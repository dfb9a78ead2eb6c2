package ocellus.bench;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Convolutions other than 1x1 and depthwise: stems, patches, downsampling, residual blocks. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ConvolutionBenchmark {
  @Param public LayerShapes.Convolution shape;

  private final Workspace ws = new Workspace();
  private final PackedMatrix[] w = new PackedMatrix[1];
  private Arena arena;
  private Window window;
  private Tensor x;
  private float[] bias;
  private Tensor y;

  @Setup
  public void setUp() {
    arena = Arena.ofShared();
    window =
        Window.of(
            shape.size,
            shape.size,
            shape.kernel,
            shape.stride,
            1,
            new Window.Padding.Fixed(shape.padding()));
    x = KernelRun.randomTensor(shape.size, shape.size, shape.in);
    w[0] = KernelRun.randomMatrix(arena, window.taps() * shape.in, shape.out);
    bias = KernelRun.random(shape.out);
    y = Tensor.zeros(window.outHeight(), window.outWidth(), shape.out);
    Tensor expected = Tensor.zeros(window.outHeight(), window.outWidth(), shape.out);
    Kernels.reference().conv2d(x, window, w, bias, null, Activation.RELU, expected, ws);
    KernelRun.requireEqual(convolve(), expected);
  }

  @TearDown
  public void tearDown() {
    arena.close();
  }

  /** {@code relu(conv(x) + bias)}. */
  @Benchmark
  public Tensor convolve() {
    Kernels.conv2d(x, window, w, bias, null, Activation.RELU, y, ws);
    return y;
  }
}
