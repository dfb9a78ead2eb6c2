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

/** Activations by themselves, in place; restoring the input is part of what is measured. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ActivatedBenchmark {
  @Param public LayerShapes.Activated shape;

  private final Workspace ws = new Workspace();
  private Tensor x;
  private Tensor y;

  @Setup
  public void setUp() {
    x = KernelRun.randomTensor(shape.size);
    y = Tensor.zeros(shape.size);
    Tensor expected = Tensor.of(x.toArray(), shape.size);
    Kernels.reference().activate(shape.activation, expected, ws);
    KernelRun.requireEqual(activate(), expected);
  }

  /** {@code activation(x)}. */
  @Benchmark
  public Tensor activate() {
    System.arraycopy(x.data(), 0, y.data(), 0, shape.size);
    Kernels.activate(shape.activation, y, ws);
    return y;
  }
}
