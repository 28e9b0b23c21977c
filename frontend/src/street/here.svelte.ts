// Where the device is, once its owner asks: the satellites need no network.
class Here {
  at: [number, number] | null = $state.raw(null);
  accuracy = $state(0); // [m]
  fault: "" | "denied" | "nowhere" = $state("");
  #watch = 0;
  on = $state(false);

  look(): void {
    if (!("geolocation" in navigator)) return void (this.fault = "nowhere");
    this.fault = "";
    if (this.#watch) return;
    this.on = true;
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        this.at = [coords.longitude, coords.latitude];
        this.accuracy = coords.accuracy;
        this.fault = "";
      },
      (fault) => {
        this.fault = fault.code === fault.PERMISSION_DENIED ? "denied" : "nowhere";
        this.stop();
      },
      { enableHighAccuracy: true, maximumAge: 10_000, timeout: 30_000 },
    );
  }

  stop(): void {
    navigator.geolocation.clearWatch(this.#watch);
    this.#watch = 0;
    this.on = false;
  }
}

export const here = new Here();
