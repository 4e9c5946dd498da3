// The common part of Slack's emoji names.

const table = `
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|heavy_multiplication_x ✖️
warning ⚠️|rotating_light 🚨|fire 🔥|fire_engine 🚒|boom 💥|zap ⚡|bulb 💡|bell 🔔|no_bell 🔕|mega 📣|loudspeaker 📢
red_circle 🔴|large_orange_circle 🟠|orange_circle 🟠|large_yellow_circle 🟡|yellow_circle 🟡|large_green_circle 🟢|green_circle 🟢
large_blue_circle 🔵|blue_circle 🔵|large_purple_circle 🟣|white_circle ⚪|black_circle ⚫|large_red_square 🟥|large_green_square 🟩|large_yellow_square 🟨
hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|alarm_clock ⏰|timer_clock ⏲️|clock1 🕐|clock3 🕒|watch ⌚|calendar 📆|date 📅
double_vertical_bar ⏸️|pause_button ⏸️|arrow_forward ▶️|play_or_pause_button ⏯️|black_square_for_stop ⏹️|stop_button ⏹️|fast_forward ⏩|repeat 🔁
arrows_counterclockwise 🔄|arrows_clockwise 🔃|arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️|arrow_left ⬅️|arrow_upper_right ↗️|leftwards_arrow_with_hook ↩️|arrow_right_hook ↪️
eyes 👀|mag 🔍|mag_right 🔎|microscope 🔬|telescope 🔭|thermometer 🌡️|stethoscope 🩺|pill 💊|syringe 💉|ambulance 🚑|hospital 🏥|bandage 🩹|adhesive_bandage 🩹
robot_face 🤖|robot 🤖|wave 👋|+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|pray 🙏|clap 👏|muscle 💪|raised_hand ✋|hand ✋|point_right 👉|point_up ☝️|handshake 🤝
wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|gear ⚙️|nut_and_bolt 🔩|toolbox 🧰|screwdriver 🪛|broom 🧹|rocket 🚀|construction 🚧|building_construction 🏗️|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|stop_sign 🛑
lock 🔒|unlock 🔓|key 🔑|shield 🛡️|link 🔗|paperclip 📎|pushpin 📌|round_pushpin 📍|memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|page_facing_up 📄|scroll 📜|books 📚|book 📖|bookmark 🔖|label 🏷️
bar_chart 📊|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|floppy_disk 💾|computer 💻|desktop_computer 🖥️|satellite 🛰️|satellite_antenna 📡|globe_with_meridians 🌐|electric_plug 🔌|battery 🔋
phone ☎️|telephone ☎️|telephone_receiver 📞|iphone 📱|pager 📟|fax 📠|email 📧|envelope ✉️|incoming_envelope 📨|inbox_tray 📥|outbox_tray 📤|package 📦|speech_balloon 💬|thought_balloon 💭
question ❓|grey_question ❔|exclamation ❗|grey_exclamation ❕|bangbang ‼️|interrobang ⁉️|information_source ℹ️|sos 🆘|new 🆕|ok 🆗|cool 🆒|100 💯|tada 🎉|sparkles ✨|star ⭐|trophy 🏆|medal 🏅|dart 🎯
bust_in_silhouette 👤|busts_in_silhouette 👥|technologist 🧑‍💻|firefighter 🧑‍🚒|detective 🕵️|ghost 👻|skull 💀|bug 🐛|snail 🐌|turtle 🐢|cat 🐱|dog 🐶|coffee ☕|snowflake ❄️|sunny ☀️|cloud ☁️|umbrella ☔|rainbow 🌈|ocean 🌊
smile 😄|smiley 😃|grinning 😀|slightly_smiling_face 🙂|blush 😊|joy 😂|sweat_smile 😅|wink 😉|thinking_face 🤔|thinking 🤔|neutral_face 😐|confused 😕|worried 😟|cry 😢|sob 😭|scream 😱|sleeping 😴|zzz 💤|face_with_thermometer 🤒|sunglasses 😎|partying_face 🥳|saluting_face 🫡|heart ❤️|green_heart 💚|broken_heart 💔
one 1️⃣|two 2️⃣|three 3️⃣|heavy_plus_sign ➕|heavy_minus_sign ➖|small_blue_diamond 🔹|small_orange_diamond 🔸|small_red_triangle 🔺|small_red_triangle_down 🔻|recycle ♻️|infinity ♾️|checkered_flag 🏁|triangular_flag_on_post 🚩|white_flag 🏳️
`;

const glyphs = new Map(table.trim().split(/[|\n]/).map((entry) => entry.split(" ")));

// emoji returns the glyph of a name like "fire", or null.
export function emoji(name) {
  return glyphs.get(String(name).split("::")[0]) || null;
}

// emojis replaces :names: in a plain text.
export function emojis(text) {
  return String(text).replace(/:([a-z0-9_+-]+):(?::skin-tone-\d:)?/g, (whole, name) => emoji(name) || whole);
}
