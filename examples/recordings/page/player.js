"use strict";
const audio = document.getElementById("audio");
const wave = document.getElementById("wave");
const cursor = document.getElementById("cursor");

function show() {
  const part = audio.duration ? audio.currentTime / audio.duration : 0;
  cursor.style.left = 100 * part + "%";
  wave.setAttribute("aria-valuenow", Math.round(100 * part));
}

function go(seconds) {
  audio.currentTime = Math.min(Math.max(seconds, 0), audio.duration || 0);
}

audio.addEventListener("timeupdate", show);
wave.addEventListener("click", (event) => {
  const box = wave.getBoundingClientRect();
  go((event.clientX - box.left) / box.width * audio.duration);
});
wave.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") go(audio.currentTime - 5);
  if (event.key === "ArrowRight") go(audio.currentTime + 5);
  if (event.key === " ") audio.paused ? audio.play() : audio.pause();
  if ([" ", "ArrowLeft", "ArrowRight"].includes(event.key)) event.preventDefault();
});
document.getElementById("speed").addEventListener("change", (event) => {
  // the default too: it is what another source begins with
  audio.playbackRate = audio.defaultPlaybackRate = Number(event.target.value);
});
document.getElementById("channel")?.addEventListener("change", (event) => {
  const at = audio.currentTime, playing = !audio.paused;
  audio.src = "/sound.wav" + (event.target.value && "?channel=" + event.target.value);
  audio.currentTime = at;
  if (playing) audio.play();
});
