package ocellus.bench;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.WeightFormat;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Winograd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** 3x3 convolutions by Winograd's minimal filtering. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FilteringBenchmark {
  @Param public LayerShapes.Filtering shape;

  @Param public Winograd tiles;

  private final Workspace ws = new Workspace();
  private Arena arena;
  private Window window;
  private Tensor x;
  private PackedMatrix w;
  private float[] bias;
  private Tensor y;

  @Setup
  public void setUp() {
    arena = Arena.ofShared();
    window = Window.of(shape.size, shape.size, 3, 1, 1, new Window.Padding.Fixed(1));
    x = KernelRun.randomTensor(shape.size, shape.size, shape.in);
    int k = window.taps() * shape.in;
    float[] weight = KernelRun.random(k * shape.out); // [out, in, 3, 3]
    w =
        Kernels.pack(
            arena,
            WeightFormat.F32,
            tiles.products() * shape.in,
            shape.out,
            (column, to, at) -> {
              float[] filters = Arrays.copyOfRange(weight, column * k, (column + 1) * k);
              tiles.transform(filters, shape.in, to, at);
            });
    bias = KernelRun.random(shape.out);
    y = Tensor.zeros(shape.size, shape.size, shape.out);
    Tensor expected = Tensor.zeros(shape.size, shape.size, shape.out);
    Kernels.reference()
        .winogradConv2d(x, window, tiles, w, bias, null, Activation.RELU, expected, ws);
    KernelRun.requireEqual(convolve(), expected);
  }

  @TearDown
  public void tearDown() {
    arena.close();
  }

  /** {@code relu(conv(x) + bias)}. */
  @Benchmark
  public Tensor convolve() {
    Kernels.winogradConv2d(x, window, tiles, w, bias, null, Activation.RELU, y, ws);
    return y;
  }
}
