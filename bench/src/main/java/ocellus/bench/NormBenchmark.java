package ocellus.bench;

import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Kernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Layer normalisation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class NormBenchmark {
  private static final double EPSILON = 1e-6;

  @Param public LayerShapes.Norm shape;

  private final Workspace ws = new Workspace();
  private Tensor x;
  private float[] weight;
  private float[] bias;
  private Tensor y;

  @Setup
  public void setUp() {
    x = KernelRun.randomTensor(shape.rows, shape.channels);
    weight = KernelRun.random(shape.channels);
    bias = KernelRun.random(shape.channels);
    y = Tensor.zeros(shape.rows, shape.channels);
    Tensor expected = Tensor.zeros(shape.rows, shape.channels);
    Kernels.reference().layerNorm(x, weight, bias, EPSILON, expected, ws);
    KernelRun.requireEqual(normalise(), expected);
  }

  /** {@code (x - mean) / sqrt(variance + epsilon) * weight + bias}. */
  @Benchmark
  public Tensor normalise() {
    Kernels.layerNorm(x, weight, bias, EPSILON, y, ws);
    return y;
  }
}
