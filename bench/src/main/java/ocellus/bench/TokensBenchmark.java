package ocellus.bench;

import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.KernelSet;
import ocellus.engine.kernels.Kernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Gates, rotations and weighted sums of tokens: bound by the caches, but for SiLU. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TokensBenchmark {
  @Param public LayerShapes.Tokens shape;

  private final Workspace ws = new Workspace();
  private Tensor x;
  private Tensor weights;
  private float[] cosines;
  private float[] sines;
  private Tensor y;

  @Setup
  public void setUp() {
    int rows = shape.rows;
    int channels = shape.channels;
    y =
        switch (shape.step) {
          case GATE -> Tensor.zeros(rows, channels);
          case ROTATE -> KernelRun.randomTensor(rows, 3L * channels);
          case SUM -> Tensor.zeros(shape.heads, channels);
        };
    x =
        KernelRun.randomTensor(
            rows, (shape.step == LayerShapes.Tokens.Step.GATE ? 2L : 1L) * channels);
    weights = KernelRun.randomTensor(shape.heads, rows);
    int angles = rows * channels / shape.heads / 2;
    cosines = new float[angles];
    sines = new float[angles];
    for (int i = 0; i < angles; i++) {
      cosines[i] = (float) Math.cos(i);
      sines[i] = (float) Math.sin(i);
    }
    Tensor expected = Tensor.of(y.toArray(), y.rows(), y.channels());
    KernelSet reference = Kernels.reference();
    switch (shape.step) {
      case GATE -> reference.gate(x, Activation.SILU, expected, ws);
      case ROTATE -> reference.rotate(expected, shape.heads, cosines, sines, ws);
      case SUM -> reference.weightedSums(weights, x, expected, ws);
    }
    KernelRun.requireEqual(run(), expected);
  }

  /** One kernel; a rotation goes on from run to run. */
  @Benchmark
  public Tensor run() {
    switch (shape.step) {
      case GATE -> Kernels.gate(x, Activation.SILU, y, ws);
      case ROTATE -> AttentionKernels.rotate(y, shape.heads, cosines, sines, ws);
      case SUM -> Kernels.weightedSums(weights, x, y, ws);
    }
    return y;
  }
}
