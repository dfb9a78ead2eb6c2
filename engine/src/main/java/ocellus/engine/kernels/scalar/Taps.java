package ocellus.engine.kernels.scalar;

import ocellus.engine.kernels.Window;

/** Which input pixel a tap of a window falls on. */
final class Taps {
  private Taps() {}

  /** The index of the input pixel that tap (ky, kx) of output pixel (oy, ox) sees; -1: outside. */
  static int pixel(Window window, int oy, int ox, int ky, int kx) {
    int iy = oy * window.strideY() - window.padTop() + ky * window.dilationY();
    int ix = ox * window.strideX() - window.padLeft() + kx * window.dilationX();
    boolean inside = iy >= 0 && iy < window.inHeight() && ix >= 0 && ix < window.inWidth();
    return inside ? iy * window.inWidth() + ix : -1;
  }
}
